using AttentionLab.Core;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Reads what a model's layers output, by forward hooks, and how a score changes with it. Works on any model of one tensor in,
/// one tensor out whose code calls its parts with <c>call</c>. Disposal removes the hooks; the model itself is not touched.
/// </summary>
/// <remarks>
/// A pass runs in evaluation mode; every part is put back into its mode afterwards. One pass at a time: hooks belong to the
/// model.
/// <code>
/// using var extractor = new ActivationExtractor(model, "conv3", "ca?.fc");
/// using LayerActivations seen = extractor.Run(pictures);
/// Tensor conv3 = seen["conv3"];
/// </code>
/// </remarks>
public sealed class ActivationExtractor : IDisposable
{
    /// <summary>The name of what goes into the model, which can be asked for like a layer.</summary>
    public const string Input = "input";

    private readonly nn.Module<Tensor, Tensor> _model;
    private readonly Dictionary<string, bool> _layers;
    private readonly ForwardHooks _hooks;
    private Recording? _recording;
    private bool _disposed;

    /// <summary>Hooks layers of a model.</summary>
    /// <param name="model">Stays the caller's, and must live as long as the extractor.</param>
    /// <param name="layers">Paths (<c>conv3</c>, <c>ca1.fc</c>) or patterns: <c>*</c> and <c>?</c> stand for anything but a dot,
    /// <c>**</c> for anything.</param>
    /// <exception cref="ArgumentException">No layer is named, or a name is not in the model: the message lists those that are,
    /// nearest first.</exception>
    public ActivationExtractor(nn.Module<Tensor, Tensor> model, params IEnumerable<string> layers)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(layers);
        (string Path, nn.Module Module)[] parts = [.. ModulePaths.Of(model)];
        if (parts.Any(part => part.Path == Input))
        {
            throw new ArgumentException(
                $"The model has a part named '{Input}', which is what its input is called here. Rename the part.",
                nameof(model)
            );
        }

        _model = model;
        _layers = Select(parts, layers);

        // All parts are hooked, not only those asked for: when a layer stays silent, who else spoke tells why.
        _hooks = new ForwardHooks(model, (path, part, output) => _recording?.Record(path, part, output) ?? output);
    }

    /// <summary>Hooks a single layer: a path, or a pattern that one path matches.</summary>
    /// <exception cref="ArgumentException">There is no such layer, or there are several.</exception>
    internal static ActivationExtractor OfOne(nn.Module<Tensor, Tensor> model, string layer)
    {
        var extractor = new ActivationExtractor(model, layer);
        if (extractor.Layers.Count == 1)
        {
            return extractor;
        }

        extractor.Dispose();
        throw new ArgumentException(
            $"One layer is asked for; '{Excerpt.Of(layer)}' are {extractor.Layers.Count}: {string.Join(", ", extractor.Layers)}.",
            nameof(layer)
        );
    }

    /// <summary>The layers asked for, patterns resolved, in the model's order.</summary>
    public IReadOnlyList<string> Layers => [.. _layers.Keys];

    /// <summary>All layers of a model that can be asked for, each before its own parts.</summary>
    public static IReadOnlyList<string> LayersOf(nn.Module model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return [.. ModulePaths.Of(model).Where(part => part.Module is nn.Module<Tensor, Tensor>).Select(part => part.Path)];
    }

    /// <summary>One forward pass without gradients.</summary>
    /// <param name="input">What the model takes, N first. It is copied, so that it stays as it is.</param>
    /// <returns>
    /// Copies of what the layers output, and the model's output. The caller disposes them; they outlive extractor and dispose
    /// scopes.
    /// </returns>
    /// <exception cref="ArgumentException">The input holds NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">The model cannot run on this input, or a named layer never fired; the message
    /// says why.</exception>
    /// <exception cref="ObjectDisposedException">The extractor is disposed.</exception>
    public LayerActivations Run(Tensor input) => Run(input, score: null);

    /// <summary>
    /// One forward pass and one backward pass: what the layers output, and the gradient of a score with respect to it.
    /// </summary>
    /// <remarks>
    /// Where a layer outputs A, the model goes on with A + P, P a tensor of zeros: P's gradient is A's. So a frozen model has
    /// gradients too, an in-place ReLU overwrites the sum and not A, and the parameters' own gradients stay as they are.
    /// </remarks>
    /// <param name="input">What the model takes, N first. It is copied, so that it stays as it is.</param>
    /// <param name="score">From the model's output to what is explained: one number, or one for each picture (N), which are then
    /// added up.</param>
    /// <inheritdoc cref="Run(Tensor)" path="/returns"/>
    /// <exception cref="ArgumentException">The input holds NaN or infinity, or the score has another shape.</exception>
    /// <exception cref="InvalidOperationException">
    /// The model cannot run on this input; a named layer never fired, or does not reach the score, or the score or a gradient is
    /// not finite; the message says which and why.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The extractor is disposed.</exception>
    public LayerActivations RunWithGradients(Tensor input, Func<Tensor, Tensor> score)
    {
        ArgumentNullException.ThrowIfNull(score);
        return Run(input, score);
    }

    /// <summary>Removes the hooks. A second call does nothing.</summary>
    public void Dispose()
    {
        _disposed = true;
        _hooks.Dispose();
    }

    private static Dictionary<string, bool> Select((string Path, nn.Module Module)[] parts, IEnumerable<string> layers)
    {
        List<string> hookable =
        [
            .. parts.Where(part => part.Module is nn.Module<Tensor, Tensor>).Select(part => part.Path),
            Input,
        ];
        var byName = new Dictionary<string, bool>();
        foreach (string layer in layers)
        {
            if (!hookable.Contains(layer) && parts.FirstOrDefault(part => part.Path == layer).Module is { } other)
            {
                throw new ArgumentException(
                    $"Layer '{layer}' ({other.GetType().Name}) does not take one tensor to one tensor, and only such layers "
                        + "can be read.",
                    nameof(layers)
                );
            }

            bool named = !ModulePaths.IsPattern(layer);
            foreach (string path in ModulePaths.Match(layer, hookable).Where(path => named || path != Input))
            {
                byName[path] = byName.GetValueOrDefault(path) || named;
            }
        }

        return byName.Count > 0
            ? hookable.Where(byName.ContainsKey).ToDictionary(path => path, path => byName[path])
            : throw new ArgumentException(
                $"Name at least one layer; the model has {string.Join(", ", hookable)}.",
                nameof(layers)
            );
    }

    private LayerActivations Run(Tensor input, Func<Tensor, Tensor>? score)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(input);
        if (_recording is not null)
        {
            throw new InvalidOperationException("The extractor is in the middle of a pass: a model cannot run it from inside.");
        }

        using DisposeScope scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(_model);
        using IDisposable ordinary = inference_mode(false); // a caller's inference mode would leave no graph
        using IDisposable gradients = enable_grad(score is not null);
        CheckFinite(input);

        var recording = new Recording(_layers.Keys, withGradients: score is not null, scope);
        _recording = recording;
        try
        {
            Tensor seen = input.detach().clone(); // a model may write into what it is given
            seen = _layers.ContainsKey(Input) ? recording.Record(Input, _model, seen) : seen;
            Tensor output = ForwardPass.Of(_model, seen);
            recording.CheckThatLayersFired(_layers, _model);
            if (score is not null)
            {
                recording.Backward(score(output), input.shape[0]);
            }

            return recording.ToActivations(output);
        }
        finally
        {
            _recording = null;
        }
    }

    private static void CheckFinite(Tensor input)
    {
        if (input.is_floating_point() && !input.isfinite().all().item<bool>())
        {
            throw new ArgumentException(
                $"The input ({string.Join('×', input.shape)}) holds NaN or infinity; what the model makes of it means nothing.",
                nameof(input)
            );
        }
    }
}

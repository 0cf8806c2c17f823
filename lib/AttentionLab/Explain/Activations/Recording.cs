using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// What the hooks of an <see cref="ActivationExtractor"/> write down in one pass. What it keeps lives in the pass's dispose
/// scope.
/// </summary>
internal sealed class Recording(IEnumerable<string> layers, bool withGradients, DisposeScope scope)
{
    private readonly Dictionary<string, List<Capture>> _captures = layers.ToDictionary(layer => layer, _ => new List<Capture>());
    private readonly HashSet<string> _fired = [];
    private int _turns;

    /// <summary>Keeps a layer's output, and gives what the model goes on with.</summary>
    public Tensor Record(string path, nn.Module module, Tensor output)
    {
        _fired.Add(path);
        if (!_captures.TryGetValue(path, out List<Capture>? captures))
        {
            return output;
        }

        if (!withGradients)
        {
            // A copy, for a later in-place operation may overwrite the output.
            captures.Add(new Capture(Keep(output.detach().clone()), null, Turn: _turns++));
            return output;
        }

        if (!output.is_floating_point())
        {
            throw new InvalidOperationException(
                $"Layer '{path}' ({module.GetType().Name}) outputs {output.dtype}, which has no gradient."
            );
        }

        Tensor probe = Keep(zeros_like(output).requires_grad_());
        captures.Add(new Capture(Keep(output.detach()), probe, Turn: _turns++));
        return output + probe;
    }

    /// <summary>Fails when a layer asked for by name, or every layer of a pattern, output nothing.</summary>
    public void CheckThatLayersFired(IReadOnlyDictionary<string, bool> named, nn.Module model)
    {
        bool none = _captures.All(layer => layer.Value.Count == 0 || layer.Key == ActivationExtractor.Input);
        string[] silent =
        [
            .. _captures.Where(layer => layer.Value.Count == 0 && (none || named[layer.Key])).Select(layer => layer.Key),
        ];
        if (silent.Length > 0)
        {
            string those = silent.Length == 1 ? "it" : "them";
            string what = $"In {model.GetType().Name}, no hook fired on {string.Join(", ", silent)}";
            throw new InvalidOperationException(
                _fired.All(path => path == ActivationExtractor.Input)
                    ? $"{what}, nor on any other layer: the model's code calls its layers with layer.forward(x), which runs no "
                        + "hooks. Write layer.call(x) there."
                    : $"{what}: this pass does not use {those}, or calls {those} with layer.forward(x), which runs no hooks "
                        + $"(write layer.call(x) there). Hooks fired on {string.Join(", ", _fired)}."
            );
        }
    }

    /// <summary>Fills the probes' gradients.</summary>
    public void Backward(Tensor score, long pictures)
    {
        if (score is null || !(score.dim() == 0 || (score.dim() == 1 && score.shape[0] == pictures)))
        {
            throw new ArgumentException(
                $"A score is one number, or one for each of the {pictures} pictures; this one has the shape "
                    + $"{(score is null ? "null" : $"[{string.Join(", ", score.shape)}]")}.",
                nameof(score)
            );
        }

        if (!score.isfinite().all().item<bool>())
        {
            throw new InvalidOperationException(
                "The score is NaN or infinite, so it has no gradient: the model's weights or its input are broken."
            );
        }

        Tensor[] probes = [.. _captures.Values.SelectMany(captures => captures).Select(capture => capture.Probe!)];
        if (score.requires_grad)
        {
            autograd.backward([score.sum()], inputs: probes);
        }

        foreach ((string path, List<Capture> captures) in _captures)
        {
            Tensor?[] gradients = [.. captures.Select(capture => capture.Probe!.grad)];
            if (captures.Count > 0 && gradients.All(gradient => gradient is null))
            {
                throw new InvalidOperationException(
                    $"Layer '{path}' does not reach the score by operations that have a gradient: what it outputs is not "
                        + "used, or is detached on the way."
                );
            }

            if (gradients.Any(gradient => gradient is not null && !gradient.isfinite().all().item<bool>()))
            {
                throw new InvalidOperationException($"The gradient at layer '{path}' holds NaN or infinity.");
            }

            // Of several uses in one pass, one that does not reach the score has the gradient zero.
            _captures[path] =
            [
                .. captures.Zip(
                    gradients,
                    (capture, gradient) => capture with { Gradient = gradient ?? zeros_like(capture.Value) }
                ),
            ];
        }
    }

    /// <summary>Hands everything kept over to a result that outlives the pass.</summary>
    public LayerActivations ToActivations(Tensor output) =>
        new(
            output.detach().DetachFromDisposeScope(),
            _captures
                .Where(layer => layer.Value.Count > 0)
                .ToDictionary(
                    layer => layer.Key,
                    layer =>
                        (IReadOnlyList<Capture>)
                            [
                                .. layer.Value.Select(capture => new Capture(
                                    capture.Value.DetachFromDisposeScope(),
                                    null,
                                    capture.Gradient?.DetachFromDisposeScope(),
                                    capture.Turn
                                )),
                            ]
                )
        );

    /// <summary>Moves a tensor out of the model's own dispose scopes, which end before the pass does.</summary>
    private Tensor Keep(Tensor tensor)
    {
        scope.Attach(tensor); // not MoveToOther, which loses a tensor that is in this scope already
        return tensor;
    }
}

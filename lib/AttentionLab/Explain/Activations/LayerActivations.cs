using System.Collections;
using System.Diagnostics.CodeAnalysis;
using AttentionLab.Core;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// What layers output in one pass, by path, in the model's order. Owns its tensors: they live until it is disposed, outside any
/// dispose scope, and hold no graph. Safe to dispose twice.
/// </summary>
[SuppressMessage(
    "Naming",
    "CA1710:Identifiers should have correct suffix",
    Justification = "It is the field's word for what it holds."
)]
public sealed class LayerActivations : IReadOnlyDictionary<string, Tensor>, IDisposable
{
    private readonly Tensor _output;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<Capture>> _captures;
    private bool _disposed;

    internal LayerActivations(Tensor output, IReadOnlyDictionary<string, IReadOnlyList<Capture>> captures)
    {
        _output = output;
        _captures = captures;
    }

    /// <summary>
    /// What layers output in one pass without gradients, in one line: hooks are set, the model runs, hooks are removed. For
    /// several passes, or gradients, take an <see cref="ActivationExtractor"/>.
    /// </summary>
    /// <param name="model">Stays the caller's.</param>
    /// <param name="input">What the model takes, N first. It stays as it is.</param>
    /// <param name="layers">Paths (<c>conv3</c>, <c>ca1.fc</c>) or patterns, as <see cref="ActivationExtractor"/> takes
    /// them.</param>
    /// <exception cref="ArgumentException">No layer is named, a name is not in the model, or the input holds NaN or
    /// infinity.</exception>
    /// <exception cref="InvalidOperationException">The model cannot run on this input, or a named layer never fired.</exception>
    public static LayerActivations Of(nn.Module<Tensor, Tensor> model, Tensor input, params IEnumerable<string> layers)
    {
        using var extractor = new ActivationExtractor(model, layers);
        return extractor.Run(input);
    }

    /// <summary>What the model output, N×K.</summary>
    /// <exception cref="ObjectDisposedException">The activations are disposed.</exception>
    public Tensor Output
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _output;
        }
    }

    /// <summary>The layers, those of a pattern left out that this pass did not use.</summary>
    public IEnumerable<string> Keys => _captures.Keys;

    /// <summary>The layers' outputs, as the indexer gives them.</summary>
    public IEnumerable<Tensor> Values => Keys.Select(layer => this[layer]);

    /// <summary>How many layers there are.</summary>
    public int Count => _captures.Count;

    /// <summary>
    /// What a layer output. Of a layer that the pass used several times, the last; <see cref="All"/> has the others.
    /// </summary>
    /// <exception cref="KeyNotFoundException">The layer was not asked for; the message lists those that were.</exception>
    /// <exception cref="ObjectDisposedException">The activations are disposed.</exception>
    public Tensor this[string layer] => Of(layer)[^1].Value;

    /// <summary>What a layer output, once for each time the pass used it, first use first.</summary>
    /// <inheritdoc cref="this[string]" path="/exception"/>
    public IReadOnlyList<Tensor> All(string layer) => [.. Of(layer).Select(capture => capture.Value)];

    /// <summary>
    /// The values of <c>this[layer]</c> as float32, in the order of its dimensions: channel by channel and row by row of the
    /// first picture, then of the next.
    /// </summary>
    /// <inheritdoc cref="this[string]" path="/exception"/>
    public float[] ToArray(string layer) => this[layer].ToFloats();

    /// <summary>The score's gradient with respect to <c>this[layer]</c>, of the same shape.</summary>
    /// <inheritdoc cref="AllGradients" path="/exception"/>
    public Tensor GradientOf(string layer) => AllGradients(layer)[^1];

    /// <summary>The score's gradients with respect to <see cref="All"/>, in the same order.</summary>
    /// <exception cref="InvalidOperationException">The pass was run without a score.</exception>
    /// <exception cref="KeyNotFoundException">The layer was not asked for; the message lists those that were.</exception>
    /// <exception cref="ObjectDisposedException">The activations are disposed.</exception>
    public IReadOnlyList<Tensor> AllGradients(string layer) =>
        [
            .. Of(layer)
                .Select(capture =>
                    capture.Gradient
                    ?? throw new InvalidOperationException(
                        "This pass kept no gradients: run it with RunWithGradients and a score."
                    )
                ),
        ];

    /// <summary>Every use of every layer in the order in which they ran; the gradient is null in a pass without a
    /// score.</summary>
    /// <exception cref="ObjectDisposedException">The activations are disposed.</exception>
    internal IReadOnlyList<(string Layer, Tensor Value, Tensor? Gradient)> InOrder() =>
        [
            .. Keys.SelectMany(layer => Of(layer).Select(capture => (Layer: layer, Capture: capture)))
                .OrderBy(use => use.Capture.Turn)
                .Select(use => (use.Layer, use.Capture.Value, use.Capture.Gradient)),
        ];

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _captures.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Tensor value)
    {
        value = ContainsKey(key) ? this[key] : null;
        return value is not null;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() =>
        Keys.Select(layer => KeyValuePair.Create(layer, this[layer])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Frees all tensors. A second call does nothing.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _output.Dispose();
        foreach (Capture capture in _captures.Values.SelectMany(captures => captures))
        {
            capture.Value.Dispose();
            capture.Gradient?.Dispose();
        }
    }

    /// <summary>Whether a tensor is N×C×h×w with more than one place.</summary>
    internal static bool IsSpatial(Tensor tensor) => tensor.dim() == 4 && tensor.shape[2] * tensor.shape[3] > 1;

    /// <summary>
    /// A view of these activations and gradients as N×C×h×w. A layer that was used several times ends with the last use that has
    /// several places, if there is one: a ReLU module may serve convolutions and linear layers alike.
    /// </summary>
    /// <param name="layoutOf">Where a layer's output has height and width; null for nowhere.</param>
    /// <param name="layouts">Takes the layout of each layer.</param>
    /// <exception cref="ArgumentException">A layer has no height and width.</exception>
    internal LayerActivations Placed(Func<string, Tensor, SpatialLayout?> layoutOf, Dictionary<string, SpatialLayout> layouts)
    {
        var placed = new Dictionary<string, IReadOnlyList<Capture>>();
        foreach ((string layer, IReadOnlyList<Capture> captures) in _captures)
        {
            SpatialLayout?[] each = [.. captures.Select(capture => layoutOf(layer, capture.Value))];
            int last = Enumerable
                .Range(0, captures.Count)
                .LastOrDefault(i => each[i] is { } at && IsSpatial(at.ToChannelsFirst(captures[i].Value)), captures.Count - 1);
            SpatialLayout layout =
                each[last]
                ?? throw new ArgumentException(
                    $"Layer '{layer}' outputs {string.Join('×', captures[last].Value.shape)}, which has no height and width to "
                        + "make a map of. Name a convolution or a block of tokens, or set the layout: "
                        + $"{nameof(ExplanationOptions)}.{nameof(ExplanationOptions.Layout)}.",
                    nameof(layoutOf)
                );
            layouts[layer] = layout;
            placed[layer] =
            [
                .. captures
                    .Take(last + 1)
                    .Select(
                        (capture, i) =>
                            i < last
                                ? capture
                                : new Capture(
                                    layout.ToChannelsFirst(capture.Value),
                                    null,
                                    capture.Gradient is { } gradient ? layout.ToChannelsFirst(gradient) : null
                                )
                    ),
            ];
        }

        return new LayerActivations(_output, placed);
    }

    private IReadOnlyList<Capture> Of(string layer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(layer);
        return _captures.TryGetValue(layer, out IReadOnlyList<Capture>? captures)
            ? captures
            : throw new KeyNotFoundException($"'{Excerpt.Of(layer)}' was not captured. Captured are {string.Join(", ", Keys)}.");
    }
}

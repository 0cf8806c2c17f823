using AttentionLab.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// The family of Score-CAM: a map is the sum of a layer's channels, each weighed by how the score changes when the model sees
/// only what the channel shows, or all but it. No gradient is needed, and a forward pass for each channel is.
/// </summary>
public abstract class PerturbationMap : LayerMethod
{
    /// <summary>Whether the map is cut at zero, as the methods' definitions have it.</summary>
    public bool Rectify { get; init; } = true;

    /// <summary>
    /// How many channels are asked about, those that are largest on average (mean of |A|); the others count nothing. Null for
    /// all:
    /// a forward pass for each.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not positive.</exception>
    public int? MostChannels
    {
        get;
        init
        {
            if (value is { } most)
            {
                ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most, nameof(MostChannels));
            }

            field = value;
        }
    }

    /// <inheritdoc/>
    protected sealed override bool NeedsGradients => false;

    /// <summary>How much each channel counts.</summary>
    /// <param name="pass">The pictures, and ways to ask the model about changed ones.</param>
    /// <param name="layer">The layer's path in <see cref="ExplanationPass.Activations"/>: N×C×h×w.</param>
    /// <returns>N×C.</returns>
    protected abstract Tensor WeightsOf(ExplanationPass pass, string layer);

    /// <summary>The channels to ask about, ascending; of equally large ones the lower.</summary>
    /// <param name="channels">One picture's, C×h×w.</param>
    private protected long[] Asked(Tensor channels)
    {
        using DisposeScope scope = NewDisposeScope();
        double[] sizes = channels.InDouble().abs().mean([1, 2]).ToDoubles();
        return
        [
            .. Enumerable
                .Range(0, sizes.Length)
                .OrderByDescending(channel => sizes[channel]) // a stable sort
                .Take(MostChannels ?? sizes.Length)
                .Order()
                .Select(channel => (long)channel),
        ];
    }

    /// <summary>Weights of the channels asked about, among zeros for the others: C numbers.</summary>
    private protected static Tensor AmongAll(Tensor weights, long[] asked, long channels) =>
        zeros(channels, weights.dtype).index_put_(weights, tensor(asked));

    /// <inheritdoc/>
    protected sealed override Tensor MapOf(ExplanationPass pass, string layer)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor activation = pass.Activations[layer].InDouble();
        Tensor weights = WeightsOf(pass, layer);
        CheckShape(weights, activation.shape[..2]);
        Tensor map = (weights.InDouble().to(activation.device).unsqueeze(-1).unsqueeze(-1) * activation).sum(1);
        return (Rectify ? map.relu() : map).MoveToOuterDisposeScope();
    }
}

using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// The tutorial's heat map: of each picture the channel whose spatial mean is highest, or next to highest and so on; of equal ones the lower channel.
/// <see cref="FeatureMaps.Top"/> tells which channel it is. One forward pass; the target plays no part.
/// </summary>
public sealed class RankedChannel : LayerMethod
{
    /// <inheritdoc/>
    public override string Name => "channels";

    /// <summary>0 for the highest mean, 1 for the next.</summary>
    public int Rank { get; init; }

    private protected override bool NeedsGradients => false;

    private protected override Tensor MapOf(ExplanationPass pass, string layer)
    {
        Tensor activation = pass.Activations[layer];
        if (Rank < 0 || Rank >= activation.shape[1])
        {
            throw new InvalidOperationException(
                $"There is no rank {Rank} among the {activation.shape[1]} channels of '{layer}'."
            );
        }

        return stack([
            .. Enumerable
                .Range(0, pass.Pictures)
                .Select(picture => activation[picture, FeatureMaps.Top(activation, Rank + 1, picture)[Rank].Channel]),
        ]);
    }
}

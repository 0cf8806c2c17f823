using System.Globalization;
using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>
/// How well the map's brightest part covers the object: pixels of at least <see cref="Threshold"/> times the map's maximum, those
/// shared with the object over those of either. A map of equal values, also one without positive values, marks all and scores
/// chance: the object's share of the picture.
/// </summary>
/// <remarks>
/// <para>$|P ∩ M| / |P ∪ M|$, P the pixels of at least <see cref="Threshold"/> times the maximum, M those of the
/// object.</para>
/// <para><see href="https://arxiv.org/abs/1512.04150">Zhou et al., "Learning deep features for discriminative localization",
/// CVPR 2016</see>, section 3.2, draw the box about what is above a fifth of the maximum; here the marked pixels themselves
/// count. The threshold is chosen beforehand: chosen on the pictures judged, it would flatter.</para>
/// </remarks>
public sealed class IntersectionOverUnion : LocalizationMeasure
{
    /// <inheritdoc/>
    public override string Name => "iou";

    /// <summary>The fraction of the map's maximum from which on a pixel is marked, in (0, 1].</summary>
    public double Threshold { get; init; } = 0.5;

    /// <inheritdoc/>
    protected override double ScoreOf(Heatmap map, ReadOnlySpan<byte> mask)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (Threshold is not (> 0 and <= 1))
        {
            throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The threshold is a fraction of the map's maximum, above 0 and at most 1; this one is {Threshold}."
                )
            );
        }

        double least = Threshold * map.Max;
        int shared = 0,
            either = 0;
        for (int i = 0; i < map.Length; i++)
        {
            bool marked = least <= 0 || map.Values[i] >= least;
            shared += marked && IsObject(mask[i]) ? 1 : 0;
            either += marked || IsObject(mask[i]) ? 1 : 0;
        }

        return (double)shared / either;
    }
}

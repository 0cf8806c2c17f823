using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>
/// How much of the map lies on the object: the share of its positive values, a pixel that the object covers by half counting by
/// half. A map of equal values, also one without positive values, scores chance: the object's share of the picture.
/// </summary>
/// <remarks>
/// <para>$∑ \max(0, Lᵢ)·mᵢ / ∑ \max(0, Lᵢ)$ over the pixels i of the map L, m the share of the pixel that the object
/// covers.</para>
/// <para>The "energy-based pointing game" of <see href="https://arxiv.org/abs/1910.01279">Wang et al., "Score-CAM", CVPR
/// workshops 2020</see>, section 4.3, with a mask in place of a box.</para>
/// </remarks>
public sealed class EnergyPointingGame : LocalizationMeasure
{
    internal const string MeasureName = "energy-pointing-game";

    /// <inheritdoc/>
    public override string Name => MeasureName;

    /// <inheritdoc/>
    protected override double ScoreOf(Heatmap map, ReadOnlySpan<byte> mask)
    {
        ArgumentNullException.ThrowIfNull(map);
        return map.ShareOfEnergy(mask);
    }
}

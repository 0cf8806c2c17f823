using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>
/// How much of the map lies on the object: the share of its positive values, a pixel that the object covers by half counting by
/// half. A map of equal values, also one without positive values, scores chance: the object's share of the picture.
/// </summary>
/// <remarks>
/// The "energy-based pointing game" of Wang et al., "Score-CAM", CVPR workshops 2020, section 4.3, with a mask in place of a box.
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

namespace AttentionLab.Explain;

/// <summary>
/// How much of the map lies on the object: the share of its positive values, a pixel that the object covers by half counting by half. A map of equal
/// values scores the object's share of the picture; a map without positive values scores 0.
/// </summary>
/// <remarks>The "energy-based pointing game" of Wang et al., "Score-CAM", CVPR workshops 2020, section 4.3, with a mask in place of a box.</remarks>
public sealed class EnergyInside : LocalizationMeasure
{
    /// <inheritdoc/>
    public override string Name => "energy-inside";

    /// <inheritdoc/>
    protected override double ScoreOf(float[,] map, ReadOnlySpan<byte> mask)
    {
        ArgumentNullException.ThrowIfNull(map);
        double inside = 0, all = 0;
        int width = map.GetLength(1);
        for (int i = 0; i < map.Length; i++)
        {
            double energy = Math.Max(map[i / width, i % width], 0);
            all += energy;
            inside += energy * mask[i] / byte.MaxValue;
        }

        return all > 0 ? inside / all : 0;
    }
}

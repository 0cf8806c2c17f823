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
    internal const string MeasureName = "energy-inside";

    /// <inheritdoc/>
    public override string Name => MeasureName;

    /// <inheritdoc/>
    protected override double ScoreOf(float[,] map, ReadOnlySpan<byte> mask)
    {
        ArgumentNullException.ThrowIfNull(map);
        bool shows = map.Cast<float>().Any(value => value > 0);
        double inside = 0,
            all = 0;
        int width = map.GetLength(1);
        for (int i = 0; i < map.Length; i++)
        {
            double energy = shows ? Math.Max(map[i / width, i % width], 0) : 1;
            all += energy;
            inside += energy * mask[i] / byte.MaxValue;
        }

        return inside / all;
    }
}

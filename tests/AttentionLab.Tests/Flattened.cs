using AttentionLab.Core;
using AttentionLab.Explain;

namespace AttentionLab.Tests;

/// <summary>Maps as sequences of numbers, for assertions, and numbers as maps.</summary>
internal static class Flattened
{
    /// <summary>The values, row by row.</summary>
    public static float[] Flat(this Heatmap map) => map.Values.ToArray();

    /// <summary>The values of all maps, one after the other.</summary>
    public static float[] Flat(this Explanation explanation) => [.. explanation.Maps.SelectMany(Flat)];

    /// <summary>N maps of N×h×w.</summary>
    public static IReadOnlyList<Heatmap> Maps(float[,,] values)
    {
        (int height, int width) = (values.GetLength(1), values.GetLength(2));
        return [.. values.Cast<float>().Chunk(height * width).Select(map => new Heatmap((height, width), map))];
    }
}

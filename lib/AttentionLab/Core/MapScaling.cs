using System.Globalization;

namespace AttentionLab.Core;

/// <summary>
/// Ways to bring maps to [0, 1] for colouring. Maps are compared only when scaled together: scaled each on its own, a weak map
/// looks as strong as any. The tutorial scales each channel with <see cref="MinMax"/>, enlarges it, and its plotting stretches
/// the result to its own range once more, which is <see cref="MinMax"/> again; <see cref="Clip"/> instead keeps the first scale
/// and cuts off what the spline overshoots.
/// </summary>
public static class MapScaling
{
    /// <summary>Keeps the quotient finite for a map of equal values, as in the tutorial.</summary>
    private const double Epsilon = 1e-8;

    /// <summary>
    /// (x − min) / (max − min + 1e−8): the map's least value becomes 0, its largest almost 1; a map of equal values becomes 0.
    /// </summary>
    /// <exception cref="ArgumentException">The map is empty, or holds NaN or infinity.</exception>
    public static float[,] MinMax(float[,] map) => MinMaxTogether([map])[0];

    /// <summary>Scales maps by the least and the largest value of them all, so that their colours can be compared.</summary>
    /// <exception cref="ArgumentException">There is no map, or one is empty or holds NaN or infinity.</exception>
    public static IReadOnlyList<float[,]> MinMaxTogether(IReadOnlyList<float[,]> maps)
    {
        ArgumentNullException.ThrowIfNull(maps);
        if (maps.Count == 0)
        {
            throw new ArgumentException("There is no map to scale.", nameof(maps));
        }

        float min = float.PositiveInfinity,
            max = float.NegativeInfinity;
        foreach (float[,] map in maps)
        {
            Check(map);
            foreach (float value in map)
            {
                min = Math.Min(min, value);
                max = Math.Max(max, value);
            }
        }

        return [.. maps.Select(map => Map(map, value => (float)(((double)value - min) / ((double)max - min + Epsilon))))];
    }

    /// <summary>Values below 0 become 0, those above 1 become 1.</summary>
    /// <exception cref="ArgumentException">The map is empty, or holds NaN or infinity.</exception>
    public static float[,] Clip(float[,] map)
    {
        Check(map);
        return Map(map, value => Math.Clamp(value, 0, 1));
    }

    internal static void Check(float[,] map)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (map.Length == 0)
        {
            throw new ArgumentException($"A map of {map.GetLength(0)}×{map.GetLength(1)} values shows nothing.", nameof(map));
        }

        for (int y = 0; y < map.GetLength(0); y++)
        {
            for (int x = 0; x < map.GetLength(1); x++)
            {
                if (!float.IsFinite(map[y, x]))
                {
                    throw new ArgumentException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"The map holds {map[y, x]} in row {y}, column {x}: what made it is broken, and scaling would hide "
                                + $"it."
                        ),
                        nameof(map)
                    );
                }
            }
        }
    }

    private static float[,] Map(float[,] map, Func<float, float> change)
    {
        var result = new float[map.GetLength(0), map.GetLength(1)];
        for (int y = 0; y < map.GetLength(0); y++)
        {
            for (int x = 0; x < map.GetLength(1); x++)
            {
                result[y, x] = change(map[y, x]);
            }
        }

        return result;
    }
}

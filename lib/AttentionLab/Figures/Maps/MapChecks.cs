using System.Globalization;
using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>What every figure asks of a map.</summary>
internal static class MapChecks
{
    public static void ThrowUnlessFinite(float[,] map, string name)
    {
        ArgumentNullException.ThrowIfNull(map, name);
        if (map.Length == 0)
        {
            throw new ArgumentException($"The map has {map.GetLength(0)}×{map.GetLength(1)} values: nothing to see.", name);
        }

        int index = 0;
        foreach (float value in map)
        {
            if (!float.IsFinite(value))
            {
                throw new ArgumentException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The map has {value} in row {index / map.GetLength(1)}, column {index % map.GetLength(1)}. A map to "
                            + $"look at is finite: find out where that came from before drawing it."
                    ),
                    name
                );
            }

            index++;
        }
    }

    /// <summary>Finite values, one for each of the picture's pixels.</summary>
    public static void ThrowUnlessFits(float[,] map, Image picture, string name)
    {
        ThrowUnlessFinite(map, name);
        if (map.GetLength(0) != picture.Height || map.GetLength(1) != picture.Width)
        {
            throw new ArgumentException(
                $"The map has {map.GetLength(0)}×{map.GetLength(1)} values and the picture {picture.Height}×{picture.Width} "
                    + "pixels (rows × columns): resize the map to the picture first.",
                name
            );
        }
    }
}

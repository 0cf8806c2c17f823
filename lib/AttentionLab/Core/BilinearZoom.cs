namespace AttentionLab.Core;

/// <summary>
/// Enlarges or shrinks a map by bilinear interpolation with aligned centres: each value stands for a cell, and the cells of both
/// maps cover the same area. The result never leaves the map's range. What <c>torch.nn.functional.interpolate</c> does with
/// <c>mode="bilinear", align_corners=False</c>.
/// </summary>
/// <remarks>
/// A value of the result at index i lies at (i + ½)·n/m − ½ of the map's n values along that side, m in the result; before the
/// first centre and behind the last one the edge's value holds. Shrinking takes samples and does not average, like PyTorch
/// without <c>antialias</c>.
/// </remarks>
public static class BilinearZoom
{
    /// <summary>Brings a map to a size.</summary>
    /// <param name="map">h×w, finite.</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Columns of the result.</param>
    /// <returns>height×width, a new array.</returns>
    /// <exception cref="ArgumentException">The map is empty, or holds NaN or infinity.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A side of the result is not positive.</exception>
    public static float[,] Resize(float[,] map, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        MapScaling.Check(map);
        (int Low, int High, double Share)[] rows = Samples(map.GetLength(0), height),
            columns = Samples(map.GetLength(1), width);
        var result = new float[height, width];
        for (int y = 0; y < height; y++)
        {
            (int top, int bottom, double down) = rows[y];
            for (int x = 0; x < width; x++)
            {
                (int left, int right, double across) = columns[x];
                result[y, x] = (float)Between(
                    Between(map[top, left], map[top, right], across),
                    Between(map[bottom, left], map[bottom, right], across),
                    down
                );
            }
        }

        return result;
    }

    private static double Between(double low, double high, double share) => ((1 - share) * low) + (share * high);

    /// <summary>
    /// For each index of the result the two values between which it lies, and how far it is from the first to the second.
    /// </summary>
    private static (int Low, int High, double Share)[] Samples(int from, int to)
    {
        var samples = new (int, int, double)[to];
        for (int i = 0; i < to; i++)
        {
            double at = Math.Clamp(((i + 0.5) * from / to) - 0.5, 0, from - 1);
            int low = (int)at;
            samples[i] = (low, Math.Min(low + 1, from - 1), at - low);
        }

        return samples;
    }
}

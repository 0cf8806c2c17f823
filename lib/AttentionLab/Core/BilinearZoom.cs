namespace AttentionLab.Core;

/// <summary>
/// Enlarges or shrinks a map by bilinear interpolation with aligned centres: <see cref="Heatmap.Resize"/>.
/// </summary>
/// <remarks>
/// A value of the result at index i lies at (i + ½)·n/m − ½ of the map's n values along that side, m in the result; before the
/// first centre and behind the last one the edge's value holds. Shrinking takes samples and does not average, like PyTorch
/// without <c>antialias</c>.
/// </remarks>
internal static class BilinearZoom
{
    /// <summary>The values of <see cref="Heatmap.Resize"/>, row by row.</summary>
    public static float[] Resize(Heatmap map, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        return Sampled(map, Samples(map.Height, 0, height, 0, height), Samples(map.Width, 0, width, 0, width));
    }

    /// <summary>The values of <see cref="Heatmap.Place"/>: of a part's pixels, row by row.</summary>
    public static float[] Place(Heatmap map, ImagePart part)
    {
        (int row, int column, int rows, int columns) = part.Pixels;
        return Sampled(
            map,
            Samples(map.Height, part.Top, part.Height, row, rows),
            Samples(map.Width, part.Left, part.Width, column, columns)
        );
    }

    private static float[] Sampled(
        Heatmap map,
        (int Low, int High, double Share)[] rows,
        (int Low, int High, double Share)[] columns
    )
    {
        (int height, int width) = (rows.Length, columns.Length);
        ReadOnlySpan<float> values = map.Values;
        var result = new float[height * width];
        for (int y = 0; y < height; y++)
        {
            (int top, int bottom, double down) = rows[y];
            ReadOnlySpan<float> above = values.Slice(top * map.Width, map.Width),
                below = values.Slice(bottom * map.Width, map.Width);
            for (int x = 0; x < width; x++)
            {
                (int left, int right, double across) = columns[x];
                result[(y * width) + x] = (float)Between(
                    Between(above[left], above[right], across),
                    Between(below[left], below[right], across),
                    down
                );
            }
        }

        return result;
    }

    private static double Between(double low, double high, double share) => ((1 - share) * low) + (share * high);

    /// <summary>
    /// For each of some pixels the two values between which it lies, and how far it is from the first to the second.
    /// </summary>
    /// <param name="from">The map's values along the side.</param>
    /// <param name="edge">Where the map begins, in pixels.</param>
    /// <param name="length">How many pixels long it is.</param>
    /// <param name="first">The first pixel.</param>
    /// <param name="count">How many pixels.</param>
    private static (int Low, int High, double Share)[] Samples(int from, double edge, double length, int first, int count)
    {
        var samples = new (int, int, double)[count];
        for (int i = 0; i < count; i++)
        {
            double at = Math.Clamp(((first + i + 0.5 - edge) * from / length) - 0.5, 0, from - 1);
            int low = (int)at;
            samples[i] = (low, Math.Min(low + 1, from - 1), at - low);
        }

        return samples;
    }
}

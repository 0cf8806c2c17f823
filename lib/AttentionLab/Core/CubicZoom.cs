using System.Globalization;

namespace AttentionLab.Core;

/// <summary>
/// Enlarges or shrinks a map with a cubic spline through its values: corners stay corners, and where a sample falls on a value of
/// the map it has that value. <see cref="Heatmap.ResizeCornerAligned"/>.
/// </summary>
/// <remarks>
/// Order 3, the spline mirrored about the centres of the map's edge values, as <c>scipy.ndimage.zoom</c> has it. Method: Unser,
/// "Splines: a perfect fit for signal and image processing", IEEE Signal Processing Magazine 16(6), 1999.
/// </remarks>
internal static class CubicZoom
{
    /// <summary>The size of a map enlarged by a factor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The factor is not positive and finite, or the result fits no
    /// array.</exception>
    public static (int Height, int Width) SizeOf(Heatmap map, double factor)
    {
        if (!(factor > 0) || !double.IsFinite(factor))
        {
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "A zoom factor is positive and finite.");
        }

        double height = Math.Round(map.Height * factor),
            width = Math.Round(map.Width * factor);
        return height * width <= Array.MaxLength
            ? ((int)height, (int)width)
            : throw new ArgumentOutOfRangeException(
                nameof(factor),
                factor,
                string.Create(CultureInfo.InvariantCulture, $"A map of {height}×{width} values fits no array.")
            );
    }

    /// <summary>The values of <see cref="Heatmap.ResizeCornerAligned"/>, row by row.</summary>
    public static float[] Resize(Heatmap map, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        int h = map.Height,
            w = map.Width;

        // Rows first, then columns: the spline of a map is a product of splines.
        ReadOnlySpan<float> values = map.Values;
        var wide = new double[width, h];
        var line = new double[w];
        for (int y = 0; y < h; y++)
        {
            for (int x = 0; x < w; x++)
            {
                line[x] = values[(y * w) + x];
            }

            ResizeLine(line, width, (x, value) => wide[x, y] = value);
        }

        var result = new float[height * width];
        line = new double[h];
        for (int x = 0; x < width; x++)
        {
            for (int y = 0; y < h; y++)
            {
                line[y] = wide[x, y];
            }

            ResizeLine(line, height, (y, value) => result[(y * width) + x] = (float)value);
        }

        return result;
    }

    private static void ResizeLine(double[] samples, int length, Action<int, double> put)
    {
        double[] coefficients = SplineCoefficients(samples);
        int last = samples.Length - 1;
        double step = length > 1 ? (double)last / (length - 1) : 0;
        for (int i = 0; i < length; i++)
        {
            double at = Math.Min(i * step, last);
            int cell = Math.Min((int)at, Math.Max(last - 1, 0));
            double t = at - cell,
                u = 1 - t;

            // The cubic B-spline's four pieces.
            put(
                i,
                (
                    (u * u * u * Mirrored(coefficients, cell - 1))
                    + ((4 + (3 * t * t * (t - 2))) * coefficients[cell])
                    + ((4 + (3 * u * u * (u - 2))) * Mirrored(coefficients, cell + 1))
                    + (t * t * t * Mirrored(coefficients, cell + 2))
                ) / 6
            );
        }
    }

    /// <summary>
    /// The weights c of B-splines whose sum passes through the samples: (c[i−1] + 4·c[i] + c[i+1]) / 6 = sample[i], c mirrored at
    /// both ends. Three unknowns a row: solved by elimination from the left, then from the right.
    /// </summary>
    private static double[] SplineCoefficients(double[] samples)
    {
        int n = samples.Length;
        if (n == 1)
        {
            return samples;
        }

        var right = new double[n];
        var c = new double[n];
        right[0] = 0.5;
        c[0] = 1.5 * samples[0];
        for (int i = 1; i < n; i++)
        {
            double left = i == n - 1 ? 2 : 1,
                pivot = 4 - (left * right[i - 1]);
            right[i] = 1 / pivot;
            c[i] = ((6 * samples[i]) - (left * c[i - 1])) / pivot;
        }

        for (int i = n - 2; i >= 0; i--)
        {
            c[i] -= right[i] * c[i + 1];
        }

        return c;
    }

    /// <summary>The value at an index that may lie beyond an end: … 2 1 | 0 1 2 … n−1 | n−2 ….</summary>
    private static double Mirrored(double[] values, int index)
    {
        int last = values.Length - 1;
        if (last == 0)
        {
            return values[0];
        }

        index = Math.Abs(index) % (2 * last);
        return values[index > last ? (2 * last) - index : index];
    }
}

namespace AttentionLab.Imaging;

/// <summary>
/// Brings a picture to a size as Pillow's <c>resize</c> does, and with it torchvision's <c>Resize</c> of PIL pictures:
/// first along the rows, then along the columns, in fixed-point numbers, rounded to bytes in between.
/// </summary>
/// <remarks>Pillow, src/libImaging/Resample.c: <c>precompute_coeffs</c>, <c>normalize_coeffs_8bpc</c> and the passes.</remarks>
internal static class PillowResize
{
    private const int Bits = 32 - 8 - 2;

    /// <summary>A picture of another size.</summary>
    public static Image Of(Image image, int height, int width, Interpolation interpolation)
    {
        byte[] rgb = image.Rgb;
        if (width != image.Width)
        {
            rgb = AlongRows(rgb, image.Height, image.Width, Weights(image.Width, width, interpolation));
        }

        if (height != image.Height)
        {
            rgb = AlongColumns(rgb, width, Weights(image.Height, height, interpolation));
        }

        return new Image(height, width, ReferenceEquals(rgb, image.Rgb) ? [.. rgb] : rgb);
    }

    /// <summary>For each new pixel the first old one that it takes, and how much of each from there on.</summary>
    private static (int First, int[] Weights)[] Weights(int old, int size, Interpolation interpolation)
    {
        double scale = (double)old / size,
            stretch = Math.Max(1, scale),
            support = (interpolation == Interpolation.Bicubic ? 2 : 1) * stretch;
        var weights = new (int, int[])[size];
        for (int i = 0; i < size; i++)
        {
            double centre = (i + 0.5) * scale;
            int first = Math.Max(0, (int)(centre - support + 0.5)),
                end = Math.Min(old, (int)(centre + support + 0.5));
            double[] shares =
            [
                .. Enumerable.Range(first, end - first).Select(x => Filter((x - centre + 0.5) / stretch, interpolation)),
            ];
            double sum = shares.Sum();
            weights[i] = (first, [.. shares.Select(share => Fixed(sum == 0 ? share : share / sum))]);
        }

        return weights;
    }

    private static double Filter(double distance, Interpolation interpolation)
    {
        double x = Math.Abs(distance);
        const double a = -0.5;
        return interpolation == Interpolation.Bilinear ? Math.Max(0, 1 - x)
            : x < 1 ? ((((a + 2) * x) - (a + 3)) * x * x) + 1
            : x < 2 ? ((((x - 5) * x) + 8) * x - 4) * a
            : 0;
    }

    private static int Fixed(double share) => (int)((share * (1 << Bits)) + (share < 0 ? -0.5 : 0.5));

    private static byte[] AlongRows(byte[] rgb, int height, int width, (int First, int[] Weights)[] weights)
    {
        var result = new byte[3L * height * weights.Length];
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = rgb.AsSpan(3 * width * y, 3 * width);
            Span<byte> made = result.AsSpan(3 * weights.Length * y, 3 * weights.Length);
            for (int x = 0; x < weights.Length; x++)
            {
                (int first, int[] shares) = weights[x];
                int red = 1 << (Bits - 1),
                    green = red,
                    blue = red;
                for (int k = 0; k < shares.Length; k++)
                {
                    int at = 3 * (first + k);
                    red += row[at] * shares[k];
                    green += row[at + 1] * shares[k];
                    blue += row[at + 2] * shares[k];
                }

                (made[3 * x], made[(3 * x) + 1], made[(3 * x) + 2]) = (Byte(red), Byte(green), Byte(blue));
            }
        }

        return result;
    }

    private static byte[] AlongColumns(byte[] rgb, int width, (int First, int[] Weights)[] weights)
    {
        int row = 3 * width;
        var result = new byte[(long)row * weights.Length];
        var sums = new int[row];
        for (int y = 0; y < weights.Length; y++)
        {
            (int first, int[] shares) = weights[y];
            Array.Fill(sums, 1 << (Bits - 1));
            for (int k = 0; k < shares.Length; k++)
            {
                ReadOnlySpan<byte> taken = rgb.AsSpan(row * (first + k), row);
                for (int i = 0; i < row; i++)
                {
                    sums[i] += taken[i] * shares[k];
                }
            }

            for (int i = 0; i < row; i++)
            {
                result[(row * y) + i] = Byte(sums[i]);
            }
        }

        return result;
    }

    private static byte Byte(int sum) => (byte)Math.Clamp(sum >> Bits, 0, 255);
}

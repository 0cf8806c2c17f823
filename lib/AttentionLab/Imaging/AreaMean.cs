using SkiaSharp;

namespace AttentionLab.Imaging;

/// <summary>
/// Reduces a part of a bitmap: each new pixel is the mean of the rectangle it covers, edge pixels weighted by their
/// share.
/// </summary>
internal static class AreaMean
{
    /// <param name="bitmap">RGBA of 8 bits, alpha premultiplied.</param>
    /// <param name="part">What is kept of it.</param>
    /// <param name="size">The result's, not larger than the part.</param>
    /// <param name="background">What transparent pixels lie on.</param>
    /// <returns>H×W×3.</returns>
    public static byte[] Of(SKBitmap bitmap, SKRectI part, SKSizeI size, (byte Red, byte Green, byte Blue) background)
    {
        ReadOnlySpan<byte> pixels = bitmap.GetPixelSpan();
        double across = (double)part.Width / size.Width,
            down = (double)part.Height / size.Height;
        var rgb = new byte[3 * size.Width * size.Height];
        double[] row = new double[3 * size.Width],
            sum = new double[3 * size.Width];
        int ready = -1; // the old row that `row` holds
        for (int y = 0; y < size.Height; y++)
        {
            Array.Clear(sum);
            for (int old = (int)(y * down); old < Last(y, down, part.Height); old++)
            {
                if (old != ready)
                {
                    Squeeze(
                        pixels.Slice(((part.Top + old) * bitmap.RowBytes) + (4 * part.Left), 4 * part.Width),
                        across,
                        background,
                        row
                    );
                    ready = old;
                }

                double share = Share(y, old, down);
                for (int i = 0; i < sum.Length; i++)
                {
                    sum[i] += share * row[i];
                }
            }

            for (int i = 0; i < sum.Length; i++)
            {
                rgb[(y * sum.Length) + i] = (byte)Math.Clamp((sum[i] / (across * down)) + 0.5, 0, 255);
            }
        }

        return rgb;
    }

    /// <summary>One old row, summed into the new columns.</summary>
    private static void Squeeze(ReadOnlySpan<byte> old, double across, (byte Red, byte Green, byte Blue) background, double[] row)
    {
        for (int x = 0; x < row.Length / 3; x++)
        {
            double red = 0,
                green = 0,
                blue = 0;
            for (int p = (int)(x * across); p < Last(x, across, old.Length / 4); p++)
            {
                double share = Share(x, p, across),
                    under = (255 - old[(4 * p) + 3]) / 255.0;
                red += share * (old[4 * p] + (under * background.Red));
                green += share * (old[(4 * p) + 1] + (under * background.Green));
                blue += share * (old[(4 * p) + 2] + (under * background.Blue));
            }

            (row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]) = (red, green, blue);
        }
    }

    /// <summary>The first old pixel after those that a new one covers.</summary>
    private static int Last(int at, double scale, int count) => Math.Min(count, (int)Math.Ceiling(((at + 1) * scale) - 1e-9));

    /// <summary>How much of an old pixel a new one covers.</summary>
    private static double Share(int at, int old, double scale) =>
        Math.Max(0, Math.Min(old + 1, (at + 1) * scale) - Math.Max(old, at * scale));
}

using AttentionLab.Imaging;

namespace AttentionLab.Data;

/// <summary>The layout that augmentation works on: all reds, then all greens, then all blues, 3×H×W bytes.</summary>
internal static class Planes
{
    public static byte[] Of(Image picture)
    {
        int area = picture.Height * picture.Width;
        var planes = new byte[3 * area];
        for (int p = 0; p < area; p++)
        {
            planes[p] = picture.Rgb[3 * p];
            planes[area + p] = picture.Rgb[(3 * p) + 1];
            planes[(2 * area) + p] = picture.Rgb[(3 * p) + 2];
        }

        return planes;
    }

    public static int AreaOf(ReadOnlySpan<byte> planes) =>
        planes.Length % 3 == 0
            ? planes.Length / 3
            : throw new ArgumentException(
                $"Three planes of one size are needed; {planes.Length} bytes do not divide by three.",
                nameof(planes)
            );

    public static void Check(ReadOnlySpan<byte> planes, int height, int width, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (planes.Length != 3L * height * width)
        {
            throw new ArgumentException(
                $"Three planes of {height}×{width} pixels take {3L * height * width} bytes; there are {planes.Length}.",
                name
            );
        }
    }
}

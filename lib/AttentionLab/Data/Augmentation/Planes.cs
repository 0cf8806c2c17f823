using AttentionLab.Imaging;

namespace AttentionLab.Data;

/// <summary>The layout that augmentation works on: all reds, then all greens, then all blues, 3×H×W bytes.</summary>
internal static class Planes
{
    /// <summary>A picture's planes: red, green and blue, or for one channel its luma.</summary>
    public static byte[] Of(Image picture, int channels = 3)
    {
        int area = picture.Height * picture.Width;
        var planes = new byte[channels * area];
        for (int p = 0; p < area; p++)
        {
            ReadOnlySpan<byte> pixel = picture.Rgb.AsSpan(3 * p, 3);
            if (channels == 1)
            {
                planes[p] = Luma(pixel[0], pixel[1], pixel[2]);
                continue;
            }

            planes[p] = pixel[0];
            planes[area + p] = pixel[1];
            planes[(2 * area) + p] = pixel[2];
        }

        return planes;
    }

    /// <summary>Pillow's L24 in src/libImaging/Convert.c: luma of ITU-R BT.601.</summary>
    public static byte Luma(byte red, byte green, byte blue) =>
        (byte)(((red * 19595) + (green * 38470) + (blue * 7471) + 0x8000) >> 16);

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

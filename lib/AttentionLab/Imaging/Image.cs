namespace AttentionLab.Imaging;

/// <summary>
/// A colour picture: rows from the top, pixels from the left, red, green and blue of a pixel side by side, 0–255 each.
/// </summary>
public sealed class Image
{
    /// <summary>Takes over a buffer of <c>height · width · 3</c> bytes.</summary>
    /// <exception cref="ArgumentException">A side is not positive, or the buffer has another length.</exception>
    public Image(int height, int width, byte[] rgb)
    {
        ArgumentNullException.ThrowIfNull(rgb);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (rgb.LongLength != 3L * height * width)
        {
            throw new ArgumentException(
                $"A picture of {height}×{width} pixels takes {3L * height * width} bytes; the buffer has {rgb.Length}.",
                nameof(rgb)
            );
        }

        Height = height;
        Width = width;
        Rgb = rgb;
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>The pixels, H×W×3.</summary>
    public byte[] Rgb { get; }

    /// <summary>A pixel's luma by ITU-R BT.601, in [0, 255].</summary>
    /// <param name="red">Where its red stands in <see cref="Rgb"/>.</param>
    internal double LumaAt(int red) => (0.299 * Rgb[red]) + (0.587 * Rgb[red + 1]) + (0.114 * Rgb[red + 2]);

    /// <summary>Makes a picture of planes: all reds, then all greens, then all blues (C×H×W, C = 3), or of one, which makes it
    /// grey.</summary>
    /// <exception cref="ArgumentException">The planes hold neither <c>3 · height · width</c> bytes nor a third of
    /// that.</exception>
    public static Image FromPlanes(int height, int width, ReadOnlySpan<byte> planes)
    {
        int area = height * width;
        if (planes.Length != 3 * area && planes.Length != area)
        {
            throw new ArgumentException(
                $"Three planes of {height}×{width} pixels take {3 * area} bytes, one takes {area}; there are {planes.Length}.",
                nameof(planes)
            );
        }

        int toNext = planes.Length == area ? 0 : area;
        var rgb = new byte[3 * area];
        for (int p = 0; p < area; p++)
        {
            rgb[3 * p] = planes[p];
            rgb[(3 * p) + 1] = planes[toNext + p];
            rgb[(3 * p) + 2] = planes[(2 * toNext) + p];
        }

        return new Image(height, width, rgb);
    }
}

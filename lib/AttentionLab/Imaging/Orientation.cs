using SkiaSharp;

namespace AttentionLab.Imaging;

/// <summary>
/// The eight ways in which a camera may lie, by EXIF: from the stored picture to the upright one. An origin names where the
/// stored first row and first column are.
/// </summary>
internal static class Orientation
{
    /// <summary>Sides of the upright picture of a stored one, or the reverse.</summary>
    public static SKSizeI Turn(SKSizeI size, SKEncodedOrigin origin) =>
        Swaps(origin) ? new SKSizeI(size.Height, size.Width) : size;

    /// <summary>Where a part of the upright picture lies in the stored one.</summary>
    public static SKRectI PlaceOf(SKRectI part, SKSizeI stored, SKEncodedOrigin origin)
    {
        (int x0, int y0) = Stored(part.Left, part.Top, stored, origin);
        (int x1, int y1) = Stored(part.Right - 1, part.Bottom - 1, stored, origin);
        return new SKRectI(Math.Min(x0, x1), Math.Min(y0, y1), Math.Max(x0, x1) + 1, Math.Max(y0, y1) + 1);
    }

    /// <summary>The upright picture of a stored one.</summary>
    public static Image Upright(Image stored, SKEncodedOrigin origin)
    {
        if (origin is SKEncodedOrigin.TopLeft or 0)
        {
            return stored;
        }

        var from = new SKSizeI(stored.Width, stored.Height);
        SKSizeI size = Turn(from, origin);
        var rgb = new byte[stored.Rgb.Length];
        for (int y = 0; y < size.Height; y++)
        {
            for (int x = 0; x < size.Width; x++)
            {
                (int oldX, int oldY) = Stored(x, y, from, origin);
                stored.Rgb.AsSpan(3 * ((oldY * from.Width) + oldX), 3).CopyTo(rgb.AsSpan(3 * ((y * size.Width) + x)));
            }
        }

        return new Image(size.Height, size.Width, rgb);
    }

    private static bool Swaps(SKEncodedOrigin origin) =>
        origin
            is SKEncodedOrigin.LeftTop
                or SKEncodedOrigin.RightTop
                or SKEncodedOrigin.RightBottom
                or SKEncodedOrigin.LeftBottom;

    /// <summary>The stored place of an upright pixel.</summary>
    private static (int X, int Y) Stored(int x, int y, SKSizeI stored, SKEncodedOrigin origin)
    {
        int right = stored.Width - 1,
            bottom = stored.Height - 1;
        return origin switch
        {
            SKEncodedOrigin.TopRight => (right - x, y),
            SKEncodedOrigin.BottomRight => (right - x, bottom - y),
            SKEncodedOrigin.BottomLeft => (x, bottom - y),
            SKEncodedOrigin.LeftTop => (y, x),
            SKEncodedOrigin.RightTop => (y, bottom - x),
            SKEncodedOrigin.RightBottom => (right - y, bottom - x),
            SKEncodedOrigin.LeftBottom => (right - y, x),
            _ => (x, y),
        };
    }
}

using AttentionLab.Core;
using SkiaSharp;

namespace AttentionLab.Imaging;

/// <summary>Writes pictures as PNG files, pixel for pixel.</summary>
public static class PngFile
{
    /// <summary>Writes a colour picture; missing folders are made, an existing file is replaced.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(Image picture, string path)
    {
        ArgumentNullException.ThrowIfNull(picture);
        using SKImage image = ImageOf(picture);
        Save(image, path);
    }

    /// <summary>Writes a grey picture, such as a mask: H×W, 0 black, 255 white.</summary>
    /// <exception cref="ArgumentException">There are not <c>height · width</c> values.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(int height, int width, ReadOnlySpan<byte> grey, string path)
    {
        if (grey.Length != (long)height * width)
        {
            throw new ArgumentException(
                $"A grey picture of {height}×{width} pixels takes {(long)height * width} bytes; there are {grey.Length}.",
                nameof(grey)
            );
        }

        using SKImage image = SKImage.FromPixelCopy(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque), grey);
        Save(image, path);
    }

    /// <summary>A picture as SkiaSharp's image, which the caller disposes.</summary>
    internal static SKImage ImageOf(Image picture)
    {
        var rgba = new byte[4 * picture.Width * picture.Height];
        for (int p = 0; p < picture.Width * picture.Height; p++)
        {
            picture.Rgb.AsSpan(3 * p, 3).CopyTo(rgba.AsSpan(4 * p));
            rgba[(4 * p) + 3] = 255;
        }

        return SKImage.FromPixelCopy(
            new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque),
            rgba
        );
    }

    private static void Save(SKImage image, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using SKData png =
            image.Encode(SKEncodedImageFormat.Png, 100)
            ?? throw new InvalidOperationException("SkiaSharp could not encode the picture as PNG.");
        AtomicFile.Write(path, png.SaveTo);
    }
}

using AttentionLab.Data;
using SkiaSharp;

namespace AttentionLab.Figures;

/// <summary>A picture as an image: SkiaSharp's, and the text that holds it inside a page.</summary>
internal static class PictureImage
{
    /// <summary>The caller disposes it.</summary>
    public static SKImage Of(Picture picture)
    {
        var rgba = new byte[4 * picture.Width * picture.Height];
        for (int p = 0; p < picture.Width * picture.Height; p++)
        {
            picture.Rgb.AsSpan(3 * p, 3).CopyTo(rgba.AsSpan(4 * p));
            rgba[(4 * p) + 3] = 255;
        }

        return SKImage.FromPixelCopy(new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque), rgba);
    }

    /// <summary>A PNG in a <c>data:</c> address, each pixel enlarged to a square: browsers would blur it.</summary>
    public static string ToDataUri(Picture picture, int enlarge = 1)
    {
        using SKImage image = Of(picture);
        using SKSurface surface = SKSurface.Create(new SKImageInfo(picture.Width * enlarge, picture.Height * enlarge, SKColorType.Rgba8888, SKAlphaType.Opaque));
        surface.Canvas.DrawImage(image, new SKRect(0, 0, picture.Width * enlarge, picture.Height * enlarge), new SKSamplingOptions(SKFilterMode.Nearest));
        using SKPixmap pixels = surface.PeekPixels();
        using SKData png = pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Up, 6)) ?? throw new InvalidOperationException("SkiaSharp could not encode the picture as PNG.");
        return $"data:image/png;base64,{Convert.ToBase64String(png.AsSpan())}";
    }
}

using AttentionLab.Imaging;
using SkiaSharp;

namespace AttentionLab.Figures;

/// <summary>A picture inside a page.</summary>
internal static class ImageDataUri
{
    /// <summary>A PNG in a <c>data:</c> address, each pixel enlarged to a square: browsers would blur it.</summary>
    public static string ToDataUri(Image picture, int enlarge = 1)
    {
        using SKImage image = PngFile.ImageOf(picture);
        using SKSurface surface = SKSurface.Create(
            new SKImageInfo(picture.Width * enlarge, picture.Height * enlarge, SKColorType.Rgba8888, SKAlphaType.Opaque)
        );
        surface.Canvas.DrawImage(
            image,
            new SKRect(0, 0, picture.Width * enlarge, picture.Height * enlarge),
            new SKSamplingOptions(SKFilterMode.Nearest)
        );
        using SKPixmap pixels = surface.PeekPixels();
        using SKData png =
            pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Up, 6))
            ?? throw new InvalidOperationException("SkiaSharp could not encode the picture as PNG.");
        return $"data:image/png;base64,{Convert.ToBase64String(png.AsSpan())}";
    }
}

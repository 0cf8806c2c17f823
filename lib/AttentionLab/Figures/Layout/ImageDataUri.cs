using AttentionLab.Imaging;
using SkiaSharp;

namespace AttentionLab.Figures;

/// <summary>A picture inside a page.</summary>
internal static class ImageDataUri
{
    /// <summary>How well a reduced photograph is kept: at 90 no eye sees the difference beside the original.</summary>
    private const float Quality = 90;

    /// <summary>A picture to look at: a PNG of a small one, each pixel as it is; of a large one a WebP, reduced to a longest
    /// side.</summary>
    /// <param name="picture">Any size.</param>
    /// <param name="longest">In pixels.</param>
    public static string ToPreview(Image picture, int longest)
    {
        if (Math.Max(picture.Height, picture.Width) <= longest)
        {
            return ToDataUri(picture);
        }

        using SKImage image = PngFile.ImageOf(ImageFile.Within(picture, longest));
        using SKPixmap pixels = image.PeekPixels();
        using SKData webp =
            pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, Quality))
            ?? throw new InvalidOperationException("SkiaSharp could not encode the picture as WebP.");
        return $"data:image/webp;base64,{Convert.ToBase64String(webp.AsSpan())}";
    }

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

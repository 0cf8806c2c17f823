using SkiaSharp;

namespace AttentionLab.Data;

/// <summary>Reads a picture file as a small square picture, such as a network takes.</summary>
public static class PictureFile
{
    private const long MostPixels = 100_000_000;

    /// <summary>Decodes a file, turned upright as its camera notes, cuts the middle square out of it, and scales that to a side.</summary>
    /// <param name="path">PNG, JPEG, WebP, GIF (the first frame), BMP or ICO.</param>
    /// <param name="side">Pixels of each side of the result.</param>
    /// <returns>side×side pixels; what was transparent lies on white. Each pixel is the mean of those that it stands for.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no picture, is cut off, or has more than 100 million pixels.</exception>
    public static Picture Load(string path, int side = 32)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(side);
        using FileStream file = File.OpenRead(path);
        using SKCodec codec = SKCodec.Create(file, out SKCodecResult readable)
            ?? throw new InvalidDataException($"{path} is no picture that can be read here ({readable}): PNG, JPEG, WebP, GIF, BMP and ICO can.");
        if ((long)codec.Info.Width * codec.Info.Height > MostPixels)
        {
            throw new InvalidDataException($"{path} has {codec.Info.Width}×{codec.Info.Height} pixels, more than 100 million: reduce it first.");
        }

        using var decoded = new SKBitmap(codec.Info.WithColorType(SKColorType.Rgba8888).WithAlphaType(SKAlphaType.Premul).WithColorSpace(null));
        SKCodecResult result = codec.GetPixels(decoded.Info, decoded.GetPixels());
        if (result != SKCodecResult.Success)
        {
            throw new InvalidDataException($"{path} is a damaged picture ({result}).");
        }

        return Shrink(decoded, codec.EncodedOrigin, side);
    }

    private static Picture Shrink(SKBitmap decoded, SKEncodedOrigin origin, int side)
    {
        // A square's rotation by quarter turns about its centre needs no other size, so it is turned when it is already cut.
        int square = Math.Min(decoded.Width, decoded.Height);
        SKRectI middle = SKRectI.Create((decoded.Width - square) / 2, (decoded.Height - square) / 2, square, square);
        var info = new SKImageInfo(side, side, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using SKSurface surface = SKSurface.Create(info);
        using SKImage image = SKImage.FromBitmap(decoded);
        SKCanvas canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        canvas.Translate(side / 2f, side / 2f);
        canvas.Concat(Upright(origin));
        canvas.Translate(-side / 2f, -side / 2f);

        // Mipmaps take the mean of blocks, so that no pixel of a large picture is passed over.
        canvas.DrawImage(image, middle, new SKRect(0, 0, side, side), square > side ? new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear) : new SKSamplingOptions(SKCubicResampler.CatmullRom));
        using SKBitmap small = new(info);
        surface.ReadPixels(info, small.GetPixels(), info.RowBytes, 0, 0);
        ReadOnlySpan<byte> rgba = small.GetPixelSpan();
        var rgb = new byte[3 * side * side];
        for (int p = 0; p < side * side; p++)
        {
            rgba.Slice(4 * p, 3).CopyTo(rgb.AsSpan(3 * p));
        }

        return new Picture(side, side, rgb);
    }

    /// <summary>What turns the stored picture about its centre into the one that was taken.</summary>
    private static SKMatrix Upright(SKEncodedOrigin origin) => origin switch
    {
        SKEncodedOrigin.TopRight => SKMatrix.CreateScale(-1, 1),
        SKEncodedOrigin.BottomRight => SKMatrix.CreateRotationDegrees(180),
        SKEncodedOrigin.BottomLeft => SKMatrix.CreateScale(1, -1),
        SKEncodedOrigin.LeftTop => SKMatrix.CreateRotationDegrees(90).PreConcat(SKMatrix.CreateScale(1, -1)),
        SKEncodedOrigin.RightTop => SKMatrix.CreateRotationDegrees(90),
        SKEncodedOrigin.RightBottom => SKMatrix.CreateRotationDegrees(-90).PreConcat(SKMatrix.CreateScale(1, -1)),
        SKEncodedOrigin.LeftBottom => SKMatrix.CreateRotationDegrees(-90),
        _ => SKMatrix.Identity,
    };
}

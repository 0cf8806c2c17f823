using System.Globalization;
using SkiaSharp;

namespace AttentionLab.Imaging;

/// <summary>
/// Reads picture files: PNG (also grey, with a palette, of 16 bits), JPEG (also grey, CMYK, progressive), WebP, GIF (the first
/// frame), BMP and ICO; upright as the camera noted (EXIF), what is transparent on a background, at a network's size.
/// </summary>
/// <remarks>
/// Reduced, each pixel is the mean of the area that it covers, as OpenCV's INTER_AREA has it, so that none of a large
/// picture is passed over; made larger, Catmull and Rom's cubic. Values are averaged as stored and colour profiles are not
/// applied, as with PIL and torchvision.
/// </remarks>
public static class ImageFile
{
    private const int OriginalSide = 1024;

    // How many times larger than asked for a codec may decode at least, so that the mean over areas decides what is seen.
    private const int Reserve = 4;

    /// <summary>Reads a file as it is: every pixel, upright. A network's preprocessing brings it to the network's size.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is empty, no picture, cut off or damaged, or has more than 100 million
    /// pixels: the message says which file and what.</exception>
    public static Image Load(string path)
    {
        var options = new ImageOptions { Side = ImageOptions.LargestSide };
        using Decoded picture = Open(path, options, original: false);
        return picture.Whole(options);
    }

    /// <summary>Reads a file's bytes, fetched from anywhere, as they are: every pixel, upright.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="InvalidDataException">The bytes are not a whole picture, or one of more than 100 million
    /// pixels.</exception>
    public static Image Read(ReadOnlySpan<byte> bytes, string name = "The picture")
    {
        var options = new ImageOptions { Side = ImageOptions.LargestSide };
        CheckLength(bytes.Length, options, name);
        using SKData data = SKData.CreateCopy(bytes);
        using Decoded picture = Decode(data, options, name, original: false);
        return picture.Whole(options);
    }

    /// <summary>Reads a file and cuts its middle square out of it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="side">Pixels of each side of the result.</param>
    /// <inheritdoc cref="Load(string, ImageOptions)" path="/returns"/>
    /// <inheritdoc cref="Load(string, ImageOptions)" path="/exception"/>
    public static Image Load(string path, int side) => Load(path, new ImageOptions { Side = side });

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The network's size, and how the picture is fitted to it.</param>
    /// <returns>What a network sees.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is empty, no picture, cut off or damaged, or larger than the options
    /// allow: the message says which file and what.</exception>
    public static Image Load(string path, ImageOptions options)
    {
        using Decoded picture = Open(path, options, original: false);
        return picture.Seen(options);
    }

    /// <summary>Reads a file, for showing what the network sees beside the picture itself.</summary>
    /// <inheritdoc cref="Load(string, ImageOptions)"/>
    public static SeenImage LoadWithOriginal(string path, ImageOptions? options = null)
    {
        using Decoded picture = Open(path, options ??= new ImageOptions(), original: true);
        return picture.Both(options);
    }

    /// <summary>Reads a file's bytes, fetched from anywhere.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="options">The network's size, and how the picture is fitted to it.</param>
    /// <param name="name">What errors call it, such as its address.</param>
    /// <exception cref="InvalidDataException">The bytes are not a whole picture, or more than the options allow.</exception>
    public static SeenImage Decode(ReadOnlySpan<byte> bytes, ImageOptions? options = null, string name = "The picture")
    {
        options ??= new ImageOptions();
        options.Check();
        CheckLength(bytes.Length, options, name);
        using SKData data = SKData.CreateCopy(bytes);
        using Decoded picture = Decode(data, options, name, original: true);
        return picture.Both(options);
    }

    /// <summary>Reads a picture from a stream, up to its end; the stream stays open.</summary>
    /// <param name="stream">Need not be seekable. Not more is read than the options allow bytes.</param>
    /// <param name="options">The network's size, and how the picture is fitted to it.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="InvalidDataException">The stream holds no whole picture, or more than the options allow.</exception>
    public static SeenImage Decode(Stream stream, ImageOptions? options = null, string name = "The picture")
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new ImageOptions();
        options.Check();
        using SKData data = ReadAll(stream, options, name);
        using Decoded picture = Decode(data, options, name, original: true);
        return picture.Both(options);
    }

    /// <summary>Brings a picture that is in memory to a size, as a file's picture is.</summary>
    /// <returns>The picture itself where it has that size already.</returns>
    public static Image Fit(Image image, ImageOptions options)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        if ((image.Height, image.Width) == (options.Height, options.Width))
        {
            return image;
        }

        using SKImage pixels = PngFile.ImageOf(image);

        // SKBitmap.FromImage would take the platform's order of colours, which is blue first on most.
        var bitmap = new SKBitmap(pixels.Info);
        using var decoded = new Decoded(bitmap, SKEncodedOrigin.TopLeft);
        return pixels.ReadPixels(pixels.Info, bitmap.GetPixels(), bitmap.RowBytes, 0, 0)
            ? decoded.Seen(options)
            : throw new InvalidOperationException($"A picture of {image.Height}×{image.Width} pixels cannot be copied.");
    }

    /// <summary>The picture with its longer side at most at a length, to be shown; itself where it is not longer.</summary>
    internal static Image Within(Image image, int longest)
    {
        double shrink = (double)Math.Max(image.Height, image.Width) / longest;
        return shrink <= 1
            ? image
            : Fit(
                image,
                new ImageOptions
                {
                    Height = Math.Max(1, (int)Math.Round(image.Height / shrink)),
                    Width = Math.Max(1, (int)Math.Round(image.Width / shrink)),
                    Fit = ImageFit.Squash,
                }
            );
    }

    private static Decoded Open(string path, ImageOptions options, bool original)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        if (Directory.Exists(path))
        {
            throw new InvalidDataException($"{path} is a folder; ImageFolder.Load reads folders.");
        }

        // A pipe or a device has no length, and opening one may wait for ever.
        if (new FileInfo(path) is { Exists: true, Length: 0 })
        {
            throw new InvalidDataException($"{path} is empty, or a pipe or a device.");
        }

        using FileStream file = File.OpenRead(path);
        using SKData data = ReadAll(file, options, path);
        return Decode(data, options, path, original);
    }

    private static SKData ReadAll(Stream stream, ImageOptions options, string name)
    {
        if (stream.CanSeek)
        {
            CheckLength(stream.Length - stream.Position, options, name);
        }

        using var bytes = new MemoryStream();
        var block = new byte[81920];
        for (int read; (read = stream.Read(block)) > 0; )
        {
            CheckLength(bytes.Length + read, options, name);
            bytes.Write(block, 0, read);
        }

        CheckLength(bytes.Length, options, name);
        return SKData.CreateCopy(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private static void CheckLength(long bytes, ImageOptions options, string name)
    {
        if (bytes == 0)
        {
            throw new InvalidDataException($"{name} is empty.");
        }

        if (bytes > options.MostBytes)
        {
            throw new InvalidDataException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} has more than {options.MostBytes:N0} bytes; a file of that size is hardly a picture. Reduce it "
                        + $"first, or raise {nameof(ImageOptions)}.{nameof(options.MostBytes)}."
                )
            );
        }
    }

    private static Decoded Decode(SKData data, ImageOptions options, string name, bool original)
    {
        using SKCodec codec =
            SKCodec.Create(data)
            ?? throw new InvalidDataException(
                $"{name} is not a picture that can be read here: PNG, JPEG, WebP, GIF, BMP and ICO can."
            );
        SKImageInfo declared = codec.Info;
        if ((long)declared.Width * declared.Height > options.MostPixels)
        {
            throw new InvalidDataException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} has {declared.Width}×{declared.Height} pixels, more than {options.MostPixels:N0}. Reduce it "
                        + $"first, or raise {nameof(ImageOptions)}.{nameof(options.MostPixels)}: each takes 4 bytes."
                )
            );
        }

        SKSizeI size = SizeToDecode(codec, options, original);
        var bitmap = new SKBitmap();
        try
        {
            var info = new SKImageInfo(
                size.Width,
                size.Height,
                SKColorType.Rgba8888,
                declared.IsOpaque ? SKAlphaType.Opaque : SKAlphaType.Premul
            );
            if (!bitmap.TryAllocPixels(info))
            {
                throw new InvalidDataException($"{name}: there is no memory for {size.Width}×{size.Height} pixels.");
            }

            SKCodecResult result = codec.GetPixels(info, bitmap.GetPixels());
            return result switch
            {
                SKCodecResult.Success => new Decoded(bitmap, OriginOf(codec, data)),
                SKCodecResult.IncompleteInput => throw new InvalidDataException(
                    $"{name} is a damaged picture: it ends before its last pixel."
                ),
                SKCodecResult.Unimplemented or SKCodecResult.InvalidConversion => throw new InvalidDataException(
                    $"{name} is a {codec.EncodedFormat} of a kind that cannot be read here ({result})."
                ),
                _ => throw new InvalidDataException($"{name} is a damaged picture ({result})."),
            };
        }
        catch
        {
            bitmap.Dispose();
            throw;
        }
    }

    private static SKEncodedOrigin OriginOf(SKCodec codec, SKData data) =>
        codec.EncodedFormat == SKEncodedImageFormat.Png && codec.EncodedOrigin == SKEncodedOrigin.TopLeft
            ? PngOrientation.Of(data.AsSpan())
            : codec.EncodedOrigin;

    /// <summary>The smallest size that the codec can decode to which loses nothing that will be seen.</summary>
    private static SKSizeI SizeToDecode(SKCodec codec, ImageOptions options, bool original)
    {
        SKSizeI whole = codec.Info.Size;
        int least = Math.Max(Reserve * Math.Max(options.Width, options.Height), original ? OriginalSide : 0);

        // JPEG can decode to eighths; WebP to anything, PNG to nothing else.
        for (int eighths = 1; eighths < 8; eighths++)
        {
            SKSizeI scaled = codec.GetScaledDimensions(eighths / 8f);
            if (scaled.Width < whole.Width && Math.Min(scaled.Width, scaled.Height) >= least)
            {
                return scaled;
            }
        }

        return whole;
    }

    /// <summary>A picture as stored, possibly lying on its side.</summary>
    private sealed record Decoded(SKBitmap Bitmap, SKEncodedOrigin Origin) : IDisposable
    {
        public SeenImage Both(ImageOptions options)
        {
            double shrink = Math.Max(1, Math.Max(Bitmap.Width, Bitmap.Height) / (double)OriginalSide);
            SKSizeI upright = Orientation.Turn(Bitmap.Info.Size, Origin);
            var size = new SKSizeI(Scaled(upright.Width, shrink), Scaled(upright.Height, shrink));
            return new SeenImage(Part(SKRectI.Create(upright), size, options), Seen(options));
        }

        public Image Whole(ImageOptions options)
        {
            SKSizeI upright = Orientation.Turn(Bitmap.Info.Size, Origin);
            return Part(SKRectI.Create(upright), upright, options);
        }

        public Image Seen(ImageOptions options)
        {
            SKSizeI upright = Orientation.Turn(Bitmap.Info.Size, Origin),
                target = new(options.Width, options.Height);
            double across = (double)upright.Width / target.Width,
                down = (double)upright.Height / target.Height;
            if (options.Fit == ImageFit.Crop)
            {
                double scale = Math.Min(across, down);
                int width = Math.Clamp((int)Math.Round(target.Width * scale), 1, upright.Width),
                    height = Math.Clamp((int)Math.Round(target.Height * scale), 1, upright.Height);
                return Part(
                    SKRectI.Create((upright.Width - width) / 2, (upright.Height - height) / 2, width, height),
                    target,
                    options
                );
            }

            if (options.Fit == ImageFit.Squash)
            {
                return Part(SKRectI.Create(upright), target, options);
            }

            double shrink = Math.Max(across, down);
            var inner = new SKSizeI(
                Math.Min(target.Width, Scaled(upright.Width, shrink)),
                Math.Min(target.Height, Scaled(upright.Height, shrink))
            );
            return Framed(Part(SKRectI.Create(upright), inner, options), target, options.Background);
        }

        public void Dispose() => Bitmap.Dispose();

        private static int Scaled(int side, double by) => Math.Max(1, (int)Math.Round(side / by));

        /// <summary>A part of the upright picture at a size.</summary>
        private Image Part(SKRectI part, SKSizeI size, ImageOptions options)
        {
            SKRectI stored = Orientation.PlaceOf(part, Bitmap.Info.Size, Origin);
            SKSizeI storedSize = Orientation.Turn(size, Origin);
            byte[] rgb =
                stored.Width >= storedSize.Width && stored.Height >= storedSize.Height
                    ? AreaMean.Of(Bitmap, stored, storedSize, options.Background)
                    : Enlarged(stored, storedSize, options.Background);
            return Orientation.Upright(new Image(storedSize.Height, storedSize.Width, rgb), Origin);
        }

        private byte[] Enlarged(SKRectI part, SKSizeI size, (byte Red, byte Green, byte Blue) background)
        {
            var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
            using SKSurface surface = SKSurface.Create(info);
            using SKImage image = SKImage.FromPixels(Bitmap.PeekPixels()),
                cut = image.Subset(part); // so that no pixel outside takes part
            surface.Canvas.Clear(new SKColor(background.Red, background.Green, background.Blue));
            surface.Canvas.DrawImage(
                cut,
                SKRect.Create(size.Width, size.Height),
                new SKSamplingOptions(SKCubicResampler.CatmullRom)
            );
            using var enlarged = new SKBitmap(info);
            surface.ReadPixels(info, enlarged.GetPixels(), info.RowBytes, 0, 0);
            return AreaMean.Of(enlarged, SKRectI.Create(size), size, background);
        }

        private static Image Framed(Image inner, SKSizeI size, (byte Red, byte Green, byte Blue) background)
        {
            var rgb = new byte[3 * size.Width * size.Height];
            for (int p = 0; p < rgb.Length; p += 3)
            {
                (rgb[p], rgb[p + 1], rgb[p + 2]) = background;
            }

            int left = (size.Width - inner.Width) / 2,
                top = (size.Height - inner.Height) / 2;
            for (int y = 0; y < inner.Height; y++)
            {
                inner.Rgb.AsSpan(3 * y * inner.Width, 3 * inner.Width).CopyTo(rgb.AsSpan(3 * (((top + y) * size.Width) + left)));
            }

            return new Image(size.Height, size.Width, rgb);
        }
    }
}

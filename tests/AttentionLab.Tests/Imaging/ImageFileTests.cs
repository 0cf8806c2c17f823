using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using AttentionLab.Core;
using AttentionLab.Imaging;
using CsCheck;
using SkiaSharp;

namespace AttentionLab.Tests.Imaging;

[Trait("Kind", "Numeric")]
public sealed class ImageFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attentionlab-pictures-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(SKEncodedImageFormat.Png, 0)]
    [InlineData(SKEncodedImageFormat.Jpeg, 6)]
    [InlineData(SKEncodedImageFormat.Webp, 6)]
    public void The_middle_square_is_kept(SKEncodedImageFormat format, int tolerance)
    {
        // Red, then a square whose halves are green and blue, then red.
        string path = Save(
            256,
            128,
            format,
            (x, y) =>
                x is < 64 or >= 192 ? SKColors.Red
                : y < 64 ? SKColors.Lime
                : SKColors.Blue
        );
        Image picture = ImageFile.Load(path, 32);
        Assert.Equal((32, 32), (picture.Height, picture.Width));
        foreach (
            (int x, int y, byte[] expected) in new (int, int, byte[])[]
            {
                (2, 2, [0, 255, 0]),
                (29, 2, [0, 255, 0]),
                (2, 29, [0, 0, 255]),
                (29, 29, [0, 0, 255]),
            }
        )
        {
            Assert.Equal(expected, At(picture, x, y), (a, b) => Math.Abs(a - b) <= tolerance);
        }
    }

    /// <summary>One colour in, the same colour out: also when it is reduced, where each new pixel is a mean.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_picture_in_memory_keeps_its_colours_at_every_size(int side)
    {
        Image picture = new(3, 3, [.. Enumerable.Repeat<byte[]>([200, 100, 50], 9).SelectMany(pixel => pixel)]),
            fitted = ImageFile.Fit(picture, new ImageOptions { Side = side });
        Assert.Equal(Enumerable.Repeat<byte[]>([200, 100, 50], side * side).SelectMany(pixel => pixel), fitted.Rgb);
    }

    [Fact]
    public void A_reduced_picture_in_memory_is_the_mean_of_its_pixels_colour_by_colour()
    {
        var picture = new Image(1, 2, [10, 100, 200, 30, 50, 240]);
        Assert.Equal([20, 75, 220], ImageFile.Fit(picture, new ImageOptions { Side = 1, Fit = ImageFit.Squash }).Rgb);
    }

    [Fact]
    public void A_picture_of_the_right_size_stays_as_it_is()
    {
        string path = Save(32, 32, SKEncodedImageFormat.Png, (x, y) => new SKColor((byte)(8 * x), (byte)(8 * y), 77));
        Image picture = ImageFile.Load(path, 32);
        Assert.Equal([8 * 5, 8 * 20, 77], At(picture, 5, 20));
        Assert.Equal([8 * 31, 0, 77], At(picture, 31, 0));
    }

    [Fact]
    public void A_large_picture_is_averaged_and_not_sampled()
    {
        string path = Save(256, 256, SKEncodedImageFormat.Png, (x, y) => (x + y) % 2 == 0 ? SKColors.White : SKColors.Black);
        Assert.All(ImageFile.Load(path, 32).Rgb, value => Assert.InRange(value, 125, 130));
    }

    [Fact]
    public void What_is_transparent_lies_on_white()
    {
        string path = Save(
            64,
            64,
            SKEncodedImageFormat.Png,
            (x, _) => x < 32 ? new SKColor(255, 0, 0, 0) : new SKColor(255, 0, 0, 128)
        );
        Image picture = ImageFile.Load(path, 32);
        Assert.Equal([255, 255, 255], At(picture, 4, 4));
        Assert.Equal((IEnumerable<byte>)[255, 127, 127], At(picture, 28, 4), (a, b) => Math.Abs(a - b) <= 1);
    }

    public static TheoryData<int, string> Orientations =>
        new()
        {
            { 1, "rgbk" }, // as stored: red, green / blue, black
            { 2, "grkb" }, // mirrored
            { 3, "kbgr" }, // upside down
            { 4, "bkrg" },
            { 5, "rbgk" }, // rows are columns
            { 6, "brkg" }, // turned to the right
            { 7, "kgbr" },
            { 8, "gkrb" }, // turned to the left
        };

    [Theory]
    [MemberData(nameof(Orientations))]
    public void Photographs_stand_upright(int orientation, string expected)
    {
        string path = Save(64, 64, SKEncodedImageFormat.Jpeg, Quarters);
        byte[] jpeg = File.ReadAllBytes(path);

        // An Exif segment behind the start marker.
        File.WriteAllBytes(
            path,
            [.. jpeg[..2], 0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. Tiff(orientation, little: false), .. jpeg[2..]]
        );
        Assert.Equal(expected, Corners(ImageFile.Load(path, 32)));
    }

    [Theory]
    [MemberData(nameof(Orientations))]
    public void PNG_files_stand_upright_too(int orientation, string expected)
    {
        string path = Save(64, 64, SKEncodedImageFormat.Png, Quarters);
        byte[] png = File.ReadAllBytes(path);
        const int Header = 8 + 25,
            End = 12;

        // Before the pixels and behind them, in both orders of bytes, with JPEG's mark and without.
        byte[] big = Chunk("eXIf", Tiff(orientation, little: false)),
            little = Chunk("eXIf", Tiff(orientation, little: true)),
            marked = Chunk("eXIf", [.. "Exif\0\0"u8, .. Tiff(orientation, little: true)]);
        Assert.All(
            (byte[][])
                [
                    [.. png[..Header], .. big, .. png[Header..]],
                    [.. png[..Header], .. marked, .. png[Header..]],
                    [.. png[..^End], .. little, .. png[^End..]],
                ],
            file =>
            {
                File.WriteAllBytes(path, file);
                Assert.Equal(expected, Corners(ImageFile.Load(path, 32)));
            }
        );
    }

    [Fact]
    public void Damaged_notes_of_a_PNG_file_leave_it_as_stored()
    {
        string path = Save(64, 64, SKEncodedImageFormat.Png, Quarters);
        byte[] png = File.ReadAllBytes(path),
            tiff = Tiff(6, little: false);
        byte[][] damaged =
        [
            [],
            [.. "MM\0*"u8],
            tiff[..9],
            tiff[..17],
            [.. tiff[..4], 0xFF, 0xFF, 0xFF, 0xFF, .. tiff[8..]],
            Tiff(9, little: true),
            Tiff(0, little: true),
            [.. "XX"u8, .. tiff[2..]],
        ];
        Assert.All(
            damaged,
            note =>
            {
                File.WriteAllBytes(path, [.. png[..33], .. Chunk("eXIf", note), .. png[33..]]);
                Assert.Equal("rgbk", Corners(ImageFile.Load(path, 32)));
            }
        );
    }

    /// <summary>An EXIF block with the one entry 0x0112.</summary>
    private static byte[] Tiff(int orientation, bool little) =>
        little
            ? [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0]
            : [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];

    /// <summary>A PNG chunk: length, name, data, checksum of the last two.</summary>
    private static byte[] Chunk(string name, byte[] data)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(name), .. data],
            chunk = new byte[named.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        named.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(named.Length + 4), Crc32.HashToUInt32(named));
        return chunk;
    }

    private static SKColor Quarters(int x, int y) =>
        y < 32 ? (x < 32 ? SKColors.Red : SKColors.Lime) : (x < 32 ? SKColors.Blue : SKColors.Black);

    private static string Corners(Image picture) =>
        string.Concat(
            new[] { (8, 8), (24, 8), (8, 24), (24, 24) }.Select(place =>
                At(picture, place.Item1, place.Item2) switch
                {
                    [> 200, < 60, < 60] => 'r',
                    [< 60, > 200, < 60] => 'g',
                    [< 60, < 60, > 200] => 'b',
                    _ => 'k',
                }
            )
        );

    [Theory]
    [InlineData("palette.png", 0)]
    [InlineData("rgb.bmp", 0)]
    [InlineData("palette.bmp", 0)]
    [InlineData("frames.gif", 0)] // the first frame; the second is of one colour
    [InlineData("lossless.webp", 0)]
    [InlineData("progressive.jpg", 8)]
    [InlineData("cmyk.jpg", 12)]
    public void Every_format_gives_its_pixels(string name, int tolerance)
    {
        Image picture = ImageFile.Load(Fixture.Path($"pictures/{name}"), 8);
        AssertQuarters(picture, tolerance, [255, 0, 0], [0, 255, 0], [0, 0, 255], [0, 0, 0]);
    }

    [Theory]
    [InlineData("grey.png", 0)]
    [InlineData("grey.jpg", 6)]
    public void A_grey_picture_has_three_equal_channels(string name, int tolerance) =>
        AssertQuarters(
            ImageFile.Load(Fixture.Path($"pictures/{name}"), 8),
            tolerance,
            [76, 76, 76],
            [150, 150, 150],
            [29, 29, 29],
            [0, 0, 0]
        );

    [Theory]
    [InlineData("rgb16.png", 0x12, 0x80, 0xFE)] // 0x1234, 0x8080, 0xFEDC
    [InlineData("grey16.png", 0xAB, 0xAB, 0xAB)] // 0xABCD
    public void Of_sixteen_bits_the_upper_eight_are_kept(string name, int red, int green, int blue)
    {
        byte[] pixel = At(ImageFile.Load(Fixture.Path($"pictures/{name}"), 2), 1, 1);
        // Or rounded.
        Assert.Equal((IEnumerable<int>)[red, green, blue], pixel.Select(value => (int)value), (a, b) => Math.Abs(a - b) <= 1);
    }

    [Fact]
    public void A_declared_size_beyond_the_limit_is_refused_before_it_is_allocated()
    {
        string path = Fixture.Path("pictures/huge.png");
        long before = Environment.WorkingSet;
        string message = Assert.Throws<InvalidDataException>(() => ImageFile.Load(path, 32)).Message;
        Assert.StartsWith($"{path} has 60000×50000 pixels, more than 100,000,000.", message, StringComparison.Ordinal);
        Assert.True(Environment.WorkingSet - before < 100_000_000, "Memory was taken for pixels that were refused.");
        Assert.Throws<InvalidDataException>(() =>
            ImageFile.Load(Fixture.Path("pictures/rgb.bmp"), new ImageOptions { MostPixels = 63 })
        );
        Assert.Equal(8, ImageFile.Load(Fixture.Path("pictures/rgb.bmp"), new ImageOptions { Side = 8, MostPixels = 64 }).Width);
    }

    [Fact]
    public void Each_pixel_is_the_mean_of_its_area_as_worked_out_by_hand()
    {
        // 5×5 to 2×2: each new pixel stands for 2.5×2.5 old ones; the middle row and column count half on either side.
        string path = Save(
            5,
            5,
            SKEncodedImageFormat.Png,
            (x, y) => new SKColor((byte)(10 * x), (byte)(40 * y), (byte)(x == 2 && y == 2 ? 250 : 0))
        );
        Image picture = ImageFile.Load(path, 2);

        // Red: (0 + 10 + 20/2) / 2.5 = 8 and (20/2 + 30 + 40) / 2.5 = 32. Blue: 250/4 / 6.25 = 10.
        Assert.Equal([8, 32, 10, 32, 32, 10, 8, 128, 10, 32, 128, 10], picture.Rgb);
    }

    [Fact]
    public void Means_keep_the_mean_of_the_whole_picture() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 12], Gen.Int[0, 1000])
            .Sample(
                (larger, side, seed) =>
                {
                    int width = side + larger;
                    var random = new RandomStream(seed);
                    var values = new byte[width * width];
                    foreach (ref byte value in values.AsSpan())
                    {
                        value = (byte)random.Next(256);
                    }

                    string path = Save(
                        width,
                        width,
                        SKEncodedImageFormat.Png,
                        (x, y) => new SKColor(values[(y * width) + x], 0, 0)
                    );
                    double mean = ImageFile.Load(path, side).Rgb.Where((_, i) => i % 3 == 0).Average(value => value);
                    return Math.Abs(mean - values.Average(value => value)) < 0.51; // each new pixel is rounded
                },
                iter: 50,
                threads: 1
            );

    [Fact]
    public void A_letterbox_keeps_the_whole_picture_on_a_background()
    {
        string path = Save(64, 32, SKEncodedImageFormat.Png, (x, y) => x < 32 ? SKColors.Red : SKColors.Blue);
        Image picture = ImageFile.Load(
            path,
            new ImageOptions
            {
                Side = 16,
                Fit = ImageFit.Letterbox,
                Background = (1, 2, 3),
            }
        );
        Assert.Equal([1, 2, 3], At(picture, 8, 3));
        Assert.Equal([255, 0, 0], At(picture, 0, 4));
        Assert.Equal([255, 0, 0], At(picture, 7, 11));
        Assert.Equal([0, 0, 255], At(picture, 8, 11));
        Assert.Equal([1, 2, 3], At(picture, 8, 12));

        picture = ImageFile.Load(
            path,
            new ImageOptions
            {
                Height = 16,
                Width = 64,
                Fit = ImageFit.Letterbox,
            }
        );
        Assert.Equal((16, 64), (picture.Height, picture.Width));
        Assert.Equal([255, 255, 255], At(picture, 15, 8));
        Assert.Equal([255, 0, 0], At(picture, 16, 8));
        Assert.Equal([255, 255, 255], At(picture, 48, 8));
    }

    [Fact]
    public void A_crop_has_the_networks_ratio()
    {
        string path = Save(40, 40, SKEncodedImageFormat.Png, (x, y) => new SKColor((byte)(6 * x), (byte)(6 * y), 0));
        Image picture = ImageFile.Load(path, new ImageOptions { Height = 10, Width = 20 });
        Assert.Equal([3, (6 * 10) + 3, 0], At(picture, 0, 0)); // rows 10 to 29, two by two
        Assert.Equal([(6 * 38) + 3, (6 * 28) + 3, 0], At(picture, 19, 9));
    }

    [Fact]
    public void A_small_picture_is_enlarged_without_what_lies_outside_the_crop()
    {
        string path = Save(4, 2, SKEncodedImageFormat.Png, (x, _) => x is 1 or 2 ? new SKColor(100, 100, 100) : SKColors.White);
        Assert.All(ImageFile.Load(path, 8).Rgb, value => Assert.Equal(100, value));
    }

    [Fact]
    public void The_background_can_be_chosen()
    {
        string path = Save(64, 64, SKEncodedImageFormat.Png, (_, _) => new SKColor(255, 0, 0, 0));
        Assert.Equal([10, 20, 30], At(ImageFile.Load(path, new ImageOptions { Background = (10, 20, 30) }), 4, 4));
    }

    [Fact]
    public void Bytes_and_streams_give_what_a_path_gives_and_the_original_beside_it()
    {
        string path = Save(3000, 1500, SKEncodedImageFormat.Jpeg, (x, y) => new SKColor((byte)(x / 12), (byte)(y / 6), 90));
        byte[] bytes = File.ReadAllBytes(path);
        SeenImage expected = ImageFile.LoadWithOriginal(path),
            fromBytes = ImageFile.Decode(bytes);
        using var stream = new NotSeekable(bytes);
        SeenImage fromStream = ImageFile.Decode(stream);
        Assert.Equal((512, 1024), (expected.Original.Height, expected.Original.Width));
        Assert.Equal((32, 32), (expected.Seen.Height, expected.Seen.Width));
        Assert.Equal(expected.Seen.Rgb, fromBytes.Seen.Rgb);
        Assert.Equal(expected.Seen.Rgb, fromStream.Seen.Rgb);
        Assert.Equal(expected.Original.Rgb, fromStream.Original.Rgb);

        // The middle square's columns are 750 to 2249: its first pixel is the mean of 750 to 796.
        Assert.Equal(
            (IEnumerable<byte>)[(byte)(773 / 12), (byte)(23 / 6), 90],
            At(expected.Seen, 0, 0),
            (a, b) => Math.Abs(a - b) <= 2
        );
        // Decoded at an eighth.
        Assert.Equal(At(expected.Seen, 9, 9), At(ImageFile.Load(path, 32), 9, 9), (a, b) => Math.Abs(a - b) <= 2);
    }

    [Fact]
    public void What_is_no_whole_picture_is_refused_by_name()
    {
        string text = Path.Combine(_folder, "text.png"),
            empty = Path.Combine(_folder, "empty.png");
        File.WriteAllText(text, "no picture");
        File.WriteAllBytes(empty, []);
        string cut = Save(64, 64, SKEncodedImageFormat.Png, (x, y) => new SKColor((byte)(x * 4), (byte)(y * 4), (byte)(x * y)));
        File.WriteAllBytes(cut, File.ReadAllBytes(cut)[..^400]);
        Assert.All(
            [text, empty, cut, _folder],
            path =>
                Assert.Contains(
                    path,
                    Assert.Throws<InvalidDataException>(() => ImageFile.Load(path, 32)).Message,
                    StringComparison.Ordinal
                )
        );
        Assert.Throws<FileNotFoundException>(() => ImageFile.Load(Path.Combine(_folder, "none.png")));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageFile.Load(text, 0));
        Assert.Contains(
            "The answer is empty",
            Assert.Throws<InvalidDataException>(() => ImageFile.Decode([], name: "The answer")).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "more than 10 bytes",
            Assert.Throws<InvalidDataException>(() => ImageFile.Load(cut, new ImageOptions { MostBytes = 10 })).Message,
            StringComparison.Ordinal
        );
        using var endless = new NotSeekable(new byte[1000]);
        Assert.Contains(
            "more than 10 bytes",
            Assert.Throws<InvalidDataException>(() => ImageFile.Decode(endless, new ImageOptions { MostBytes = 10 })).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("palette.png")]
    [InlineData("rgb.bmp")]
    [InlineData("frames.gif")]
    [InlineData("lossless.webp")]
    [InlineData("progressive.jpg")]
    [InlineData("cmyk.jpg")]
    public void A_file_cut_anywhere_or_changed_is_read_or_refused_with_its_name(string name)
    {
        byte[] whole = File.ReadAllBytes(Fixture.Path($"pictures/{name}"));
        var random = new RandomStream(1);
        for (int trial = 0; trial < 150; trial++)
        {
            byte[] bytes = trial % 2 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            if (trial % 2 == 1)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                SeenImage picture = ImageFile.Decode(bytes, name: "that file");
                Assert.Equal((32, 32), (picture.Seen.Height, picture.Seen.Width));
            }
            catch (InvalidDataException e)
            {
                Assert.Contains("that file", e.Message, StringComparison.Ordinal);
            }
        }
    }

    private static byte[] At(Image picture, int x, int y) =>
        picture.Rgb[(3 * ((y * picture.Width) + x))..(3 * ((y * picture.Width) + x + 1))];

    private static void AssertQuarters(Image picture, int tolerance, params byte[][] expected)
    {
        (int X, int Y)[] places = [(1, 1), (6, 1), (1, 6), (6, 6)];
        Assert.All(
            places.Zip(expected),
            quarter =>
                Assert.Equal(
                    quarter.Second,
                    At(picture, quarter.First.X, quarter.First.Y),
                    (a, b) => Math.Abs(a - b) <= tolerance
                )
        );
    }

    private string Save(int width, int height, SKEncodedImageFormat format, Func<int, int, SKColor> color)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        bitmap.Pixels = [.. Enumerable.Range(0, width * height).Select(i => color(i % width, i / width))];
        string path = Path.Combine(_folder, $"picture.{format}");
        File.WriteAllBytes(path, bitmap.Encode(format, 100).ToArray());
        return path;
    }

    /// <summary>As an answer from the network comes: forward only, in small pieces.</summary>
    private sealed class NotSeekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 1000));
    }
}

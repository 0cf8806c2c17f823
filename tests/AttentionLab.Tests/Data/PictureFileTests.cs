using AttentionLab.Data;
using SkiaSharp;

namespace AttentionLab.Tests.Data;

public sealed class PictureFileTests : IDisposable
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
        string path = Save(256, 128, format, (x, y) => x is < 64 or >= 192 ? SKColors.Red : y < 64 ? SKColors.Lime : SKColors.Blue);
        Picture picture = PictureFile.Load(path);
        Assert.Equal((32, 32), (picture.Height, picture.Width));
        foreach ((int x, int y, byte[] expected) in new (int, int, byte[])[] { (2, 2, [0, 255, 0]), (29, 2, [0, 255, 0]), (2, 29, [0, 0, 255]), (29, 29, [0, 0, 255]) })
        {
            Assert.Equal(expected, At(picture, x, y), (a, b) => Math.Abs(a - b) <= tolerance);
        }
    }

    [Fact]
    public void A_picture_of_the_right_size_stays_as_it_is()
    {
        string path = Save(32, 32, SKEncodedImageFormat.Png, (x, y) => new SKColor((byte)(8 * x), (byte)(8 * y), 77));
        Picture picture = PictureFile.Load(path);
        Assert.Equal([8 * 5, 8 * 20, 77], At(picture, 5, 20));
        Assert.Equal([8 * 31, 0, 77], At(picture, 31, 0));
    }

    [Fact]
    public void A_large_picture_is_averaged_and_not_sampled()
    {
        string path = Save(256, 256, SKEncodedImageFormat.Png, (x, y) => (x + y) % 2 == 0 ? SKColors.White : SKColors.Black);
        Assert.All(PictureFile.Load(path).Rgb, value => Assert.InRange(value, 125, 130));
    }

    [Fact]
    public void What_is_transparent_lies_on_white()
    {
        string path = Save(64, 64, SKEncodedImageFormat.Png, (x, _) => x < 32 ? new SKColor(255, 0, 0, 0) : new SKColor(255, 0, 0, 128));
        Picture picture = PictureFile.Load(path);
        Assert.Equal([255, 255, 255], At(picture, 4, 4));
        Assert.Equal((IEnumerable<byte>)[255, 127, 127], At(picture, 28, 4), (a, b) => Math.Abs(a - b) <= 1);
    }

    [Theory]
    [InlineData(1, "rgbk")] // as stored: red, green / blue, black
    [InlineData(2, "grkb")] // mirrored
    [InlineData(3, "kbgr")] // upside down
    [InlineData(4, "bkrg")]
    [InlineData(5, "rbgk")] // rows are columns
    [InlineData(6, "brkg")] // turned to the right
    [InlineData(7, "kgbr")]
    [InlineData(8, "gkrb")] // turned to the left
    public void Photographs_stand_upright(int orientation, string expected)
    {
        string path = Save(64, 64, SKEncodedImageFormat.Jpeg, (x, y) => y < 32 ? (x < 32 ? SKColors.Red : SKColors.Lime) : (x < 32 ? SKColors.Blue : SKColors.Black));
        byte[] jpeg = File.ReadAllBytes(path);

        // An Exif segment with the one entry 0x0112, behind the start marker.
        byte[] exif = [0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
        File.WriteAllBytes(path, [.. jpeg[..2], .. exif, .. jpeg[2..]]);
        Picture picture = PictureFile.Load(path);
        Assert.Equal(expected, string.Concat(new[] { (8, 8), (24, 8), (8, 24), (24, 24) }.Select(place => At(picture, place.Item1, place.Item2) switch
        {
            [> 200, < 60, < 60] => 'r',
            [< 60, > 200, < 60] => 'g',
            [< 60, < 60, > 200] => 'b',
            _ => 'k',
        })));
    }

    [Fact]
    public void What_is_no_whole_picture_is_refused_by_name()
    {
        string text = Path.Combine(_folder, "text.png"), empty = Path.Combine(_folder, "empty.png");
        File.WriteAllText(text, "no picture");
        File.WriteAllBytes(empty, []);
        string cut = Save(64, 64, SKEncodedImageFormat.Png, (x, y) => new SKColor((byte)(x * 4), (byte)(y * 4), (byte)(x * y)));
        File.WriteAllBytes(cut, File.ReadAllBytes(cut)[..^400]);
        Assert.All([text, empty, cut], path => Assert.Contains(path, Assert.Throws<InvalidDataException>(() => PictureFile.Load(path)).Message, StringComparison.Ordinal));
        Assert.Throws<FileNotFoundException>(() => PictureFile.Load(Path.Combine(_folder, "none.png")));
        Assert.Throws<ArgumentOutOfRangeException>(() => PictureFile.Load(text, 0));
    }

    private static byte[] At(Picture picture, int x, int y) => picture.Rgb[(3 * ((y * picture.Width) + x))..(3 * ((y * picture.Width) + x + 1))];

    private string Save(int width, int height, SKEncodedImageFormat format, Func<int, int, SKColor> color)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        bitmap.Pixels = [.. Enumerable.Range(0, width * height).Select(i => color(i % width, i / width))];
        string path = Path.Combine(_folder, $"picture.{format}");
        File.WriteAllBytes(path, bitmap.Encode(format, 100).ToArray());
        return path;
    }
}

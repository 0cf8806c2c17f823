using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;
using AttentionLab.Figures;
using AttentionLab.Imaging;
using SkiaSharp;

namespace AttentionLab.Tests.Figures.Maps;

[Trait("Kind", "Numeric")]
public sealed class MapAnimationTests
{
    private static readonly Image Black = Pixels.Plain(32, 32, 0, 0, 0);

    [Fact]
    public void Frames_follow_each_other_in_one_PNG()
    {
        MapAnimation figure = Animation(
            new MapFrame(1, Pixels.Map(32, 32, 0)),
            new MapFrame(2, Pixels.Map(32, 32, 0.5f))
            {
                Captions = ["a caption that is wrapped, and makes its frame the largest one"],
            },
            new MapFrame(5, Pixels.Map(32, 32, 1))
        );
        byte[] file = figure.ToPng(1);
        List<(string Type, byte[] Data)> chunks = [.. AnimatedPng.Chunks(file)];
        Assert.Equal(
            ["IHDR", "acTL", "IDAT", "fcTL", "fdAT", "fcTL", "fdAT", "fcTL", "fdAT", "IEND"],
            chunks.Select(chunk => chunk.Type).Where((type, i) => i == 0 || type != chunks[i - 1].Type)
        );
        Assert.Equal(3, Number(chunks[1].Data, 0));
        Assert.Equal(
            Enumerable.Range(0, chunks.Count(chunk => chunk.Type is "fcTL" or "fdAT")),
            chunks.Where(chunk => chunk.Type is "fcTL" or "fdAT").Select(chunk => Number(chunk.Data, 0))
        );
        byte[] header = chunks[0].Data;
        Assert.All(chunks.Where(chunk => chunk.Type == "fcTL"), chunk => Assert.Equal(header[..8], chunk.Data[4..12]));
        Assert.Equal(
            [0.7, 0.7, 2.1],
            chunks.Where(chunk => chunk.Type == "fcTL").Select(chunk => (Number(chunk.Data, 20) >> 16) / 1000.0)
        );

        // Each frame, put into a file of its own, shows its map; a reader that knows no motion sees the last one.
        System.Drawing.Color[] expected = [ColorMap.Jet[0], ColorMap.Jet[0.5], ColorMap.Jet[1]];
        for (int frame = 0; frame < 3; frame++)
        {
            Assert.InRange(Count(Frame(chunks, frame), expected[frame]), 128 * 128, (128 * 128) + 100);
        }

        Assert.InRange(Count(file, expected[2]), 128 * 128, (128 * 128) + 100);
        Assert.Equal(file, figure.ToPng(1));
    }

    [Fact]
    public void Frames_to_step_through_need_no_script_and_show_one_frame_each()
    {
        MapAnimation figure = Animation(
            new MapFrame(0, Pixels.Map(32, 32, 0)),
            new MapFrame(2, Pixels.Map(32, 32, 0.5f)),
            new MapFrame(5, Pixels.Map(32, 32, 1))
        );
        string html = figure.ToHtml();
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotMatch(" on[a-z]+=", html);
        string[] numbers = [.. Regex.Matches(html, "<label[^>]*>(.*?)</label>").Select(match => match.Groups[1].Value)];
        Assert.Equal(["0", "2", "5"], numbers);
        Assert.Equal("5", Regex.Match(html, "checked aria-label=\"Epoch (\\d)\"").Groups[1].Value);

        // The third frame, which its rule shows, is what a reader of the PNG without motion sees.
        string[] frames = [.. Regex.Matches(html, "base64,([^\"]*)").Select(match => match.Groups[1].Value)];
        System.Drawing.Color[] expected = [ColorMap.Jet[0], ColorMap.Jet[0.5], ColorMap.Jet[1]];
        Assert.All(
            frames.Zip(expected),
            pair => Assert.InRange(Count(Convert.FromBase64String(pair.First), pair.Second), 128 * 128, (128 * 128) + 100)
        );
        Assert.Contains("input:nth-of-type(3):checked ~ div img:nth-of-type(3)", html, StringComparison.Ordinal);
        Assert.Equal(html, figure.ToHtml());
    }

    [Fact]
    public void Its_sentence_tells_from_when_to_when()
    {
        MapFrame[] frames = [new(1, new float[32, 32]), new(9, new float[32, 32])];
        Assert.Equal(
            "Animation: how the maps of pictures (1) move from epoch 1 to epoch 9.",
            new MapAnimation([Black], frames) { Culture = new("en-US") }.AltText
        );
        Assert.Equal(
            "动画：1 幅图片的热力图从第 1 轮到第 9 轮的变化。",
            new MapAnimation([Black], frames) { Culture = new("zh-CN") }.AltText
        );
    }

    [Fact]
    public void Frames_that_do_not_fit_the_pictures_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new MapAnimation([Black]));
        Assert.Throws<ArgumentException>(() => new MapAnimation([], new MapFrame(1)));
        Assert.Contains(
            "epoch 4",
            Assert.Throws<ArgumentException>(() => new MapAnimation([Black, Black], new MapFrame(4, new float[32, 32]))).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => new MapAnimation([Black], new MapFrame(4, new float[8, 8])));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new MapAnimation([Black], new MapFrame(4, new float[32, 32])) { FrameTime = TimeSpan.Zero }
        );
    }

    private static MapAnimation Animation(params MapFrame[] frames) =>
        new([Black], frames)
        {
            Scale = MapScale.Unit,
            Opacity = 1,
            Culture = CultureInfo.GetCultureInfo("en-US"),
        };

    private static int Number(byte[] data, int at) => BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(at));

    /// <summary>A file with one frame as its only picture; what checks it is SkiaSharp, checksums included.</summary>
    private static byte[] Frame(List<(string Type, byte[] Data)> chunks, int frame)
    {
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        int current = -1;
        foreach ((string type, byte[] data) in chunks)
        {
            current += type == "fcTL" ? 1 : 0;
            (string Type, byte[] Data)? written =
                type is "IHDR" or "IEND" ? (type, data)
                : type == "fdAT" && current == frame ? ("IDAT", data[4..])
                : null;
            if (written is { } chunk)
            {
                byte[] body = [.. System.Text.Encoding.ASCII.GetBytes(chunk.Type), .. chunk.Data];
                var number = new byte[4];
                BinaryPrimitives.WriteInt32BigEndian(number, chunk.Data.Length);
                file.Write(number);
                file.Write(body);
                BinaryPrimitives.WriteUInt32BigEndian(number, System.IO.Hashing.Crc32.HashToUInt32(body));
                file.Write(number);
            }
        }

        return file.ToArray();
    }

    private static int Count(byte[] png, System.Drawing.Color color)
    {
        using SKBitmap bitmap = SKBitmap.Decode(png);
        return bitmap.Pixels.Count(pixel => (pixel.Red, pixel.Green, pixel.Blue) == (color.R, color.G, color.B));
    }
}

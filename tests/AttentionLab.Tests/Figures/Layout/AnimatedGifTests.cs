using AttentionLab.Figures;
using AttentionLab.Imaging;
using CsCheck;
using SkiaSharp;

namespace AttentionLab.Tests.Figures.Layout;

public sealed class AnimatedGifTests
{
    /// <summary>A colour of five bits a channel is one of the palette's, and stands for up to 8 levels of each channel.</summary>
    private const int MostRounding = 7;

    [Fact]
    public void Frames_of_few_colours_come_back_in_order_for_as_long_as_asked()
    {
        Image[] frames = [Pixels.Plain(3, 5, 255, 255, 255), Pixels.Plain(3, 5, 10, 200, 90)];
        using SKCodec gif = Read(
            AnimatedGif.Join([(PngOf(frames[0]), TimeSpan.FromSeconds(0.7)), (PngOf(frames[1]), TimeSpan.FromSeconds(2.1))])
        );
        Assert.Equal((5, 3), (gif.Info.Width, gif.Info.Height));
        Assert.Equal([700, 2100], gif.FrameInfo.Select(frame => frame.Duration));
        Assert.Equal(-1, gif.RepetitionCount); // over and over
        Assert.Equal([255, 255, 255], FrameOf(gif, 0)[..3]);
        Assert.Equal([10, 200, 90], FrameOf(gif, 1)[..3]);
    }

    [Fact]
    public void Any_picture_of_up_to_256_colours_comes_back_within_the_palette_s_rounding() =>
        Gen.Select(Gen.Int[1, 90], Gen.Int[1, 90], Gen.Byte.Array[3, 3 * 256], Gen.UInt)
            .Sample(
                (height, width, colors, seed) =>
                {
                    var random = new Random((int)(seed & int.MaxValue));
                    var rgb = new byte[3 * height * width];
                    for (int i = 0; i < rgb.Length; i += 3)
                    {
                        // Runs of one colour and noise: long codes and full tables.
                        int color =
                            3 * (i > 0 && random.Next(4) > 0 ? i / 90 % (colors.Length / 3) : random.Next(colors.Length / 3));
                        colors.AsSpan(color, 3).CopyTo(rgb.AsSpan(i));
                    }

                    using SKCodec gif = Read(AnimatedGif.Join([(PngOf(new Image(height, width, rgb)), TimeSpan.FromSeconds(1))]));
                    Assert.All(
                        FrameOf(gif, 0).Zip(rgb),
                        pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, MostRounding)
                    );
                },
                iter: 60
            );

    [Fact]
    public void A_picture_of_more_colours_keeps_its_look()
    {
        // All 4,096 colours of four bits a channel: 256 boxes hold 16 each, two or four steps of 17 a side.
        byte[] rgb =
        [
            .. Enumerable
                .Range(0, 4096)
                .SelectMany(i => new[] { (byte)(17 * (i >> 8)), (byte)(17 * (i >> 4 & 15)), (byte)(17 * (i & 15)) }),
        ];
        using SKCodec gif = Read(AnimatedGif.Join([(PngOf(new Image(64, 64, rgb)), TimeSpan.FromSeconds(1))]));
        Assert.All(FrameOf(gif, 0).Zip(rgb), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 3 * 17));
    }

    private static SKCodec Read(byte[] gif) => SKCodec.Create(new MemoryStream(gif));

    private static byte[] FrameOf(SKCodec gif, int frame)
    {
        using var picture = new SKBitmap(new SKImageInfo(gif.Info.Width, gif.Info.Height, SKColorType.Rgba8888));
        Assert.Equal(SKCodecResult.Success, gif.GetPixels(picture.Info, picture.GetPixels(), new SKCodecOptions(frame)));
        return [.. picture.GetPixelSpan().ToArray().Where((_, i) => i % 4 != 3)];
    }

    private static byte[] PngOf(Image picture)
    {
        using SKImage image = PngFile.ImageOf(picture);
        using SKData png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }
}

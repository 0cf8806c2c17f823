using AttentionLab.Figures;
using AttentionLab.Imaging;
using CsCheck;
using SkiaSharp;

namespace AttentionLab.Tests.Figures.Layout;

public sealed class PalettePngTests
{
    /// <summary>The median cut's cells are 8 levels wide.</summary>
    private const int MostRounding = 7;

    [Fact]
    public void A_picture_of_up_to_256_colours_keeps_them_exactly() =>
        Gen.Select(Gen.Int[1, 70], Gen.Int[1, 70], Gen.Byte.Array[3, 3 * 256], Gen.UInt)
            .Sample(
                (height, width, colors, seed) =>
                {
                    var random = new Random((int)(seed & int.MaxValue));
                    var rgb = new byte[3 * height * width];
                    for (int i = 0; i < rgb.Length; i += 3)
                    {
                        // Some rows repeat the one above.
                        bool repeats = i >= 3 * width && i / (3 * width) % 3 > 0;
                        int color = 3 * random.Next(colors.Length / 3);
                        (repeats ? rgb.AsSpan(i - (3 * width), 3) : colors.AsSpan(color, 3)).CopyTo(rgb.AsSpan(i));
                    }

                    Assert.Equal(rgb, PixelsOf(PalettePng.Of(PngOf(new Image(height, width, rgb)))));
                },
                iter: 60
            );

    [Fact]
    public void A_figure_of_more_colours_becomes_smaller_and_stays_alike()
    {
        int[] places = [.. Enumerable.Range(0, 64 * 64)];
        new Random(1).Shuffle(places); // nothing for PNG's filters to gain by
        byte[] rgb = [.. places.SelectMany(i => new[] { (byte)(4 * (i % 64)), (byte)(4 * (i / 64)), (byte)0 })];
        byte[] png = PngOf(new Image(64, 64, rgb));

        byte[] small = PalettePng.Of(png);

        Assert.InRange(small.Length, 1, png.Length);
        Assert.Equal(3, small[25]); // the colour type: a palette
        int[] differences = [.. PixelsOf(small).Zip(rgb, (a, b) => Math.Abs(a - b))];

        // 4,096 colours share 256: a palette's colour stands for 16 of them, 4 × 4 steps of 4 levels, cut at cells of 8.
        Assert.InRange(differences.Average(), 0, MostRounding);
    }

    private static byte[] PngOf(Image picture)
    {
        using SKImage image = PngFile.ImageOf(picture);
        using SKData png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static byte[] PixelsOf(byte[] png)
    {
        SKImageInfo size = SKBitmap.DecodeBounds(png);
        using SKBitmap picture = SKBitmap.Decode(png, new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888));
        byte[] rgba = picture.GetPixelSpan().ToArray();
        return [.. Enumerable.Range(0, rgba.Length / 4).SelectMany(i => rgba[(4 * i)..((4 * i) + 3)])];
    }
}

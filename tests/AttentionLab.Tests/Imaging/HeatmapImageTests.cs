using AttentionLab.Core;
using AttentionLab.Imaging;
using AttentionLab.Models;
using AttentionLab.Tests.Figures;
using TorchSharp;

namespace AttentionLab.Tests.Imaging;

[Trait("Kind", "Numeric")]
public sealed class HeatmapImageTests
{
    [Fact]
    public void A_pixel_is_the_weighted_mean_of_picture_and_colour()
    {
        var picture = new Image(1, 2, [255, 0, 0, 0, 255, 102]);
        float[,,] blended = HeatmapImage.BlendToFloats(
            picture,
            new float[,]
            {
                { 0, 1 },
            },
            opacity: 0.25
        );

        // Jet's ends are (0, 0, ½) and (½, 0, 0).
        float[] expected = [0.75f, 0, 0.125f, 0.125f, 0.75f, 0.3f];
        Assert.Equal(expected, [.. blended.Cast<float>()], (a, b) => Math.Abs(a - b) <= Tolerance.Rounding(4));
        Assert.Equal(
            [191, 0, 32, 32, 191, 77],
            picture
                .Blend(
                    new float[,]
                    {
                        { 0, 1 },
                    },
                    opacity: 0.25
                )
                .Rgb
        );
    }

    [Fact]
    public void A_range_decides_what_the_colours_mean()
    {
        float[,] map =
        {
            { -1, 0.5f, 3 },
        };
        Assert.Equal([0, 96, 255], Reds(new Heatmap(map).ToImage(ColorMap.Grays)));
        Assert.Equal([0, 128, 255], Reds(new Heatmap(map).ToImage(ColorMap.Grays, ValueRange.Unit)));
        Assert.Equal([85, 149, 255], Reds(new Heatmap(map).ToImage(ColorMap.Grays, ValueRange.Symmetric(map))));
        Assert.Equal(
            [0, 0, 0],
            Reds(
                new Heatmap(
                    new float[,]
                    {
                        { 7, 7, 7 },
                    }
                ).ToImage(ColorMap.Grays)
            )
        );

        static byte[] Reds(Image picture) => [.. picture.Rgb.Where((_, i) => i % 3 == 0)];
    }

    [Theory]
    [InlineData("plain_seed0")]
    [InlineData("se_seed0")]
    public void Overlays_are_the_tutorials(string network)
    {
        Dictionary<string, torch.Tensor> expected = Safetensors.Load(Fixture.Shared("parity/expected.safetensors"));
        try
        {
            byte[] raw = expected["raw_u8"].data<byte>().ToArray(),
                stretched = expected[$"{network}/overlay_autoscale_u8"].data<byte>().ToArray();
            float[] heat = expected[$"{network}/heatmap"].data<float>().ToArray(),
                clipped = expected[$"{network}/overlay_clip01"].data<float>().ToArray();
            int overshoots = 0;
            for (int i = 0; i < 24; i++)
            {
                var picture = new Image(32, 32, raw[(i / 3 * 3072)..((i / 3 * 3072) + 3072)]);
                var map = new float[32, 32];
                Buffer.BlockCopy(heat, i * 4096, map, 0, 4096);
                overshoots += map.Cast<float>().Any(v => v is < 0 or > 1) ? 1 : 0;

                float[,,] clip = HeatmapImage.BlendToFloats(picture, map, range: ValueRange.Unit);
                byte[] own = picture.Blend(map).Rgb;
                Assert.Equal(
                    clipped.AsSpan(i * 3072, 3072).ToArray(),
                    clip.Cast<float>().ToArray(),
                    (a, b) => Math.Abs(a - b) <= Tolerance.Rounding(4)
                );
                Assert.Equal(stretched.AsSpan(i * 3072, 3072).ToArray(), own, (a, b) => Math.Abs(a - b) <= 1);
            }

            Assert.True(overshoots > 0, "No map overshoots, so both ways of scaling were not told apart.");
        }
        finally
        {
            foreach (torch.Tensor tensor in expected.Values)
            {
                tensor.Dispose();
            }
        }
    }

    [Fact]
    public void A_map_of_another_size_is_refused_with_both_sizes()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() =>
            HeatmapImage.Blend(Pixels.Plain(32, 24, 0, 0, 0), new float[8, 6])
        );
        Assert.Contains("8×6", error.Message, StringComparison.Ordinal);
        Assert.Contains("32×24", error.Message, StringComparison.Ordinal);
        Assert.Contains("resize", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_is_not_finite_is_refused_with_its_place(float value)
    {
        float[,] map = new float[4, 5];
        map[2, 3] = value;
        ArgumentException error = Assert.Throws<ArgumentException>(() => HeatmapImage.Blend(Pixels.Plain(4, 5, 0, 0, 0), map));
        Assert.Contains("row 2, column 3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void An_opacity_outside_0_to_1_is_refused(double opacity) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            HeatmapImage.Blend(Pixels.Plain(1, 1, 0, 0, 0), new float[1, 1], opacity: opacity)
        );
}

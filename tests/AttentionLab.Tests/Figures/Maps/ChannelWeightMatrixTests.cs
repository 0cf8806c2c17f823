using System.Globalization;
using AttentionLab.Figures;
using AttentionLab.Imaging;

namespace AttentionLab.Tests.Figures.Maps;

[Trait("Kind", "Numeric")]
public sealed class ChannelWeightMatrixTests
{
    [Fact]
    public void Weights_become_cells_of_one_colour_scale()
    {
        // Two classes × four channels: a quarter of the width and half of the height each. The second block lies between the ends
        // of the first.
        var figure = new ChannelWeightMatrix(
            ["cat", "dog"],
            new WeightBlock(
                "ca1",
                new[,]
                {
                    { 0, 0.2f, 0.2f, 1 },
                    { 0.2f, 0.2f, 0.2f, 0.2f },
                }
            ),
            new WeightBlock(
                "ca2",
                new[,]
                {
                    { 0.5f, 0.5f },
                    { 0.5f, 0.5f },
                }
            )
        )
        {
            Culture = new("en-US"),
        };
        Pixels pixels = Pixels.Of(figure);
        var low = pixels.Find(ColorMap.Viridis[0], 0);
        var high = pixels.Find(ColorMap.Viridis[1], 0);
        Assert.InRange(low.Count, 160 * 18, (160 * 18) + 60);
        Assert.InRange(high.Count, 160 * 18, (160 * 18) + 60);
        Assert.Equal(480, high.Left - low.Left);
        Assert.InRange(pixels.Find(ColorMap.Viridis[0.5], 0).Count, 640 * 36, (640 * 36) + 60);
        pixels.AssertWhiteEdges();
        Assert.Equal(
            "Channel weights by class and block: ca1 from 0 to 1 (classes: 2, channels: 4); ca2 from 0.5 to 0.5 (classes: 2, "
                + "channels: 2).",
            figure.AltText
        );
        Assert.StartsWith(
            "各类别、各模块的通道权重：ca1 从 0 到 1",
            new ChannelWeightMatrix(["cat", "dog"], figure.Blocks) { Culture = CultureInfo.GetCultureInfo("zh-CN") }.AltText,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Blocks_that_do_not_fit_their_names_are_refused()
    {
        Assert.Contains(
            "ca1 has 1 rows of weights for 2 names",
            Assert
                .Throws<ArgumentException>(() => new ChannelWeightMatrix(["a", "b"], new WeightBlock("ca1", new float[1, 3])))
                .Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => new ChannelWeightMatrix(["a"]));
        Assert.Throws<ArgumentException>(() => new ChannelWeightMatrix(["a"], new WeightBlock("ca1", new float[1, 0])));
        Assert.Throws<ArgumentException>(() =>
            new ChannelWeightMatrix(["a"], new WeightBlock("ca1", Pixels.Map(1, 2, float.NaN)))
        );
    }
}

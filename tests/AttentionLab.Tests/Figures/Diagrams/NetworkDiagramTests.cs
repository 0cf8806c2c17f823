using System.Drawing;
using System.Globalization;
using AttentionLab.Figures;

namespace AttentionLab.Tests.Figures.Diagrams;

[Trait("Kind", "Numeric")]
public sealed class NetworkDiagramTests
{
    private static readonly DiagramLayer[] Layers =
    [
        new("input", "picture", 3, 32, 32),
        new("conv1", "convolution", 32, 32, 32),
        new("pool1", "pooling", 32, 16, 16),
        new("fc", "linear", 10),
    ];

    private static NetworkDiagram Diagram => new(Layers) { Culture = new("en-US") };

    [Fact]
    public void Boxes_are_as_high_as_their_rows_and_as_thick_as_the_logarithm_of_their_channels()
    {
        Pixels pixels = Pixels.Of(Diagram);
        var picture = pixels.Find(Front(0), 0);
        var convolution = pixels.Find(Front(1), 0);
        var pooled = pixels.Find(Front(2), 0);

        // 110 pixels for 32 rows, half of them for 16; an edge of 0.8 takes up to two pixels at either end.
        Assert.InRange(convolution.Bottom - convolution.Top, 105, 110);
        Assert.InRange(pooled.Bottom - pooled.Top, 50, 55);
        Assert.Equal(picture.Bottom - picture.Top, convolution.Bottom - convolution.Top);

        // 6·log2(3 + 1) = 12 and 6·log2(32 + 1) = 30.3.
        Assert.InRange(picture.Right - picture.Left, 8, 12);
        Assert.InRange(convolution.Right - convolution.Left, 26, 31);
        Assert.True(picture.Right < convolution.Left && convolution.Right < pooled.Left);
        pixels.AssertWhiteEdges();
    }

    [Fact]
    public void An_arrow_past_boxes_stands_above_them()
    {
        var plain = Pixels.Of(Diagram);
        var bypassed = Pixels.Of(new NetworkDiagram(Layers) { Bypasses = [new DiagramBypass(0, 2, "×")] });
        Assert.Equal(46, bypassed.Height - plain.Height);
        bypassed.AssertWhiteEdges();
    }

    [Fact]
    public void The_alternative_text_lists_the_layers_in_both_languages()
    {
        Assert.Equal("A network of 4 boxes: input 3×32×32, conv1 32×32×32, pool1 32×16×16, fc 10.", Diagram.AltText);
        Assert.StartsWith(
            "网络图（4 个方块）：输入 3×32×32",
            new NetworkDiagram(Layers) { Culture = CultureInfo.GetCultureInfo("zh-CN") }.AltText,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Shapes_and_arrows_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new NetworkDiagram());
        ArgumentException shape = Assert.Throws<ArgumentException>(() =>
            new NetworkDiagram(new DiagramLayer("conv1", "convolution", 64, 32, 32, 32))
        );
        Assert.Contains("'conv1' has the shape 64×32×32×32", shape.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new NetworkDiagram(new DiagramLayer("fc", "linear", 0)));
        Assert.Throws<ArgumentException>(() => new NetworkDiagram(Layers) { Bypasses = [new DiagramBypass(2, 1, "")] });
        Assert.Throws<ArgumentException>(() => new NetworkDiagram(Layers) { Bypasses = [new DiagramBypass(0, 4, "")] });
    }

    /// <summary>The colour of a box's front: 55 % white over the kind's colour.</summary>
    private static Color Front(int kind)
    {
        Color color = ChartColors.Palette[kind];
        return Color.FromArgb(Mix(color.R), Mix(color.G), Mix(color.B));

        static int Mix(byte value) => (int)MathF.Round(value + ((255 - value) * 0.55f));
    }
}

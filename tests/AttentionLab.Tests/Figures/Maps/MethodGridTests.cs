using System.Drawing;
using System.Globalization;
using AttentionLab.Figures;
using AttentionLab.Imaging;

namespace AttentionLab.Tests.Figures.Maps;

[Trait("Kind", "Numeric")]
public sealed class MethodGridTests
{
    private static readonly CultureInfo English = new("en-US");

    [Fact]
    public void Rows_are_pictures_and_columns_are_methods()
    {
        // On the common scale 0 and 1 are jet's ends over black: columns of one colour below each other.
        ImageWithMaps Row() =>
            new(
                Pixels.Plain(32, 32, 0, 0, 0),
                null,
                "cat",
                new MapPanel(Pixels.Map(32, 32, 0)),
                new MapPanel(Pixels.Map(32, 32, 1))
            );
        Pixels pixels = Pixels.Of(
            new MethodGrid(["low", "high"], Row(), Row())
            {
                Scale = MapScale.Common,
                Opacity = 1,
                Culture = English,
            }
        );
        var low = pixels.Find(ColorMap.Jet[0], 0);
        var high = pixels.Find(ColorMap.Jet[1], 0);
        var black = pixels.Find(Color.Black, 0);
        Assert.Equal(96, low.Right - low.Left + 1);
        Assert.InRange(low.Count, 2 * 96 * 96, (2 * 96 * 96) + 100);
        Assert.True(black.Left < low.Left && low.Right < high.Left, "The picture, then the methods in order.");
        Assert.Equal(low.Top, black.Top);
        pixels.AssertWhiteEdges();
    }

    [Fact]
    public void Its_sentence_names_the_methods() =>
        Assert.Equal(
            "Methods (2: a, b) compared over pictures (1).",
            new MethodGrid(
                ["a", "b"],
                new ImageWithMaps(
                    Pixels.Plain(1, 1, 0, 0, 0),
                    "x",
                    "y",
                    new MapPanel(new float[1, 1]),
                    new MapPanel(new float[1, 1])
                )
            )
            {
                Culture = English,
            }.AltText
        );

    [Fact]
    public void A_picture_without_a_map_for_each_method_is_refused()
    {
        var row = new ImageWithMaps(Pixels.Plain(2, 2, 0, 0, 0), "x", "y", new MapPanel(new float[2, 2]));
        Assert.Contains(
            "Picture 1 has 1 maps for 2 methods",
            Assert
                .Throws<ArgumentException>(() => new MethodGrid(["a", "b"], row with { Maps = [.. row.Maps, .. row.Maps] }, row))
                .Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => new MethodGrid([], row));
        Assert.Throws<ArgumentException>(() => new MethodGrid(["a"]));
        Assert.Throws<ArgumentException>(() => new MethodGrid(["a"], row with { Maps = [new MapPanel(new float[3, 2])] }));
    }

    [Fact]
    public void A_picture_of_unknown_class_says_only_what_is_predicted() =>
        Assert.Equal(
            "Heat maps over pictures (1): predicted class cat, maps Grad-CAM.",
            new HeatMapPanels(
                new ImageWithMaps(Pixels.Plain(1, 1, 0, 0, 0), null, "cat", new MapPanel(new float[1, 1]) { Title = "Grad-CAM" })
            )
            {
                Culture = English,
            }.AltText
        );
}

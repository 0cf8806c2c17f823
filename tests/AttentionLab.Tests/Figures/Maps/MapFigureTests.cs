using System.Drawing;
using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Figures;
using AttentionLab.Imaging;

namespace AttentionLab.Tests.Figures.Maps;

[Trait("Kind", "Numeric")]
public sealed class MapFigureTests
{
    private static readonly CultureInfo English = new("en-US"),
        Chinese = new("zh-CN");

    [Fact]
    public void Panels_show_the_picture_and_its_overlays()
    {
        HeatMapPanels figure = Panels(MapScale.Unit);
        Pixels pixels = Pixels.Of(figure);
        var picture = pixels.Find(Color.FromArgb(200, 100, 50), 0);
        Assert.Equal(160 * 160, picture.Count);

        // 0.5·(200, 100, 50) + 0.5·jet: jet(0) = (0, 0, 127.5), jet(0.5) = (125, 255, 121.8), jet(1) = (127.5, 0, 0).
        Color[] overlays = [Color.FromArgb(100, 50, 89), Color.FromArgb(163, 178, 86), Color.FromArgb(164, 50, 25)];
        int right = picture.Right;
        foreach (Color overlay in overlays)
        {
            var place = pixels.Find(overlay, 1);
            Assert.InRange(place.Count, 160 * 160, (160 * 160) + 50);
            Assert.Equal((picture.Top, picture.Bottom), (place.Top, place.Top + 159));
            Assert.True(place.Left > right);
            right = place.Left + 159;
        }

        pixels.AssertWhiteEdges();
    }

    [Fact]
    public void The_legend_has_the_colours_of_the_map_from_the_bottom_up()
    {
        Pixels pixels = Pixels.Of(Panels(MapScale.Unit));
        int top = pixels.Find(Color.FromArgb(200, 100, 50), 0).Top;
        int x = Enumerable
            .Range(0, pixels.Width)
            .Last(column => pixels[column, top + 80] is var (r, g, b) && g > 200 && r < 160 && b < 160);
        Assert.Equal(ColorMap.Jet[1], Near(pixels[x, top], ColorMap.Jet[1]));
        Assert.Equal(ColorMap.Jet[0], Near(pixels[x, top + 159], ColorMap.Jet[0]));
        Assert.True(pixels.Ink(x + 4, top - 2, pixels.Width, top + 24) > 3, "The legend's highest value is missing.");

        static Color Near((int R, int G, int B) pixel, Color color) =>
            Math.Abs(pixel.R - color.R) + Math.Abs(pixel.G - color.G) + Math.Abs(pixel.B - color.B) < 12
                ? color
                : Color.FromArgb(pixel.R, pixel.G, pixel.B);
    }

    [Fact]
    public void Each_map_has_its_own_scale_or_all_have_one()
    {
        // Half 0, half 1; half 0, half 0.5: stretched on their own they look alike.
        float[,] whole =
            {
                { 0, 1 },
            },
            half =
            {
                { 0, 0.5f },
            };
        var row = new ImageWithMaps(Pixels.Plain(1, 2, 0, 0, 0), "a", "b", new MapPanel(whole), new MapPanel(half));
        Color top = ColorMap.Jet[1],
            middle = ColorMap.Jet[0.5];
        Assert.Equal(2 * 80 * 80, Count(MapScale.Own, top));
        Assert.Equal(80 * 80, Count(MapScale.Common, top));
        Assert.Equal(80 * 80, Count(MapScale.Common, middle));
        Assert.Equal(80 * 80, Count(MapScale.Unit, top));
        Assert.Equal(2 * 80 * 80, Count(MapScale.Symmetric, middle));

        int Count(MapScale scale, Color color)
        {
            var figure = new HeatMapPanels(row) { Scale = scale, Opacity = 1 };
            Pixels pixels = Pixels.Of(figure);
            int count = 0;

            // The tiles only, without the legend at the right.
            int right = 12 + (3 * 170);
            for (int y = 0; y < pixels.Height; y++)
            {
                for (int x = 0; x < Math.Min(right, pixels.Width); x++)
                {
                    count += pixels[x, y] == (color.R, color.G, color.B) ? 1 : 0;
                }
            }

            return count;
        }
    }

    [Fact]
    public void Every_scale_has_its_note_and_language()
    {
        byte[][] images =
        [
            .. from culture in new[] { English, Chinese }
            from scale in Enum.GetValues<MapScale>()
            select Panels(scale, culture).ToPng(),
        ];
        Assert.Equal(8, images.Select(Convert.ToBase64String).Distinct().Count());
    }

    [Fact]
    public void It_says_what_is_seen()
    {
        Assert.Equal(
            "Heat maps over pictures (1): true class cat, predicted dog, maps Channel 12, Channel 4, Grad-CAM.",
            Panels(MapScale.Own).AltText
        );
        Assert.Equal(
            "图片上的热力图（1 幅）：真实类别 cat，预测类别 dog，通道 12、通道 4、Grad-CAM。",
            Panels(MapScale.Own, Chinese).AltText
        );
    }

    [Fact]
    public void Long_names_are_not_cut_off()
    {
        var row = new ImageWithMaps(
            Pixels.Plain(32, 32, 9, 9, 9),
            "a very long class name indeed that goes on",
            "Donaudampfschifffahrtsgesellschaft",
            new MapPanel(new float[32, 32]) { Title = "超长的类别名称会被换行而不会被截断也不会重叠" }
        );
        Pixels
            .Of(
                new HeatMapPanels(row, row)
                {
                    Title = "A title that is much longer than the figure below it is wide, so that it must be wrapped to be read",
                },
                2
            )
            .AssertWhiteEdges();
    }

    [Fact]
    public void Bad_rows_are_refused()
    {
        Image picture = Pixels.Plain(32, 32, 0, 0, 0);
        float[,] nan = new float[32, 32];
        nan[0, 0] = float.NaN;
        Assert.Throws<ArgumentException>(() => new HeatMapPanels());
        Assert.Throws<ArgumentException>(() => new HeatMapPanels(new ImageWithMaps(picture, "a", "b")));
        Assert.Throws<ArgumentException>(() => new HeatMapPanels(new ImageWithMaps(picture, "a", "b", new MapPanel(nan))));
        Assert.Contains(
            "8×8",
            Assert
                .Throws<ArgumentException>(() =>
                    new HeatMapPanels(new ImageWithMaps(picture, "a", "b", new MapPanel(new float[8, 8])))
                )
                .Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new HeatMapPanels(new ImageWithMaps(picture, "a", "b", new MapPanel(new float[32, 32]))) { Opacity = 2 }
        );
    }

    [Fact]
    public void Feature_maps_share_a_scale()
    {
        Heatmap[] maps = [Pixels.Map(4, 4, 0), Pixels.Map(4, 4, 1), Pixels.Map(4, 4, 2)];
        Pixels pixels = Pixels.Of(new FeatureMapGrid(maps, [3, 17, 99]) { Columns = 2 });
        var low = pixels.Find(ColorMap.Viridis[0], 0);
        var middle = pixels.Find(ColorMap.Viridis[0.5], 0);
        var high = pixels.Find(ColorMap.Viridis[1], 0);
        Assert.InRange(low.Count, 48 * 48, (48 * 48) + 100);
        Assert.InRange(middle.Count, 48 * 48, (48 * 48) + 100);
        Assert.InRange(high.Count, 48 * 48, (48 * 48) + 100);
        Assert.Equal(low.Top, middle.Top);
        Assert.Equal(low.Left, high.Left);
        Assert.True(high.Bottom > low.Bottom);
        pixels.AssertWhiteEdges();
    }

    [Fact]
    public void A_constant_map_on_its_own_scale_gets_the_lowest_colour()
    {
        Pixels pixels = Pixels.Of(new FeatureMapGrid([Pixels.Map(4, 4, 5)]) { Scale = MapScale.Own, ColorMap = ColorMap.Jet });
        Assert.InRange(pixels.Find(ColorMap.Jet[0], 0).Count, 48 * 48, (48 * 48) + 100);
    }

    [Fact]
    public void Bad_maps_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new FeatureMapGrid([]));
        Assert.Throws<ArgumentException>(() => new FeatureMapGrid([new float[4, 4]], [1, 2]));
        Assert.Throws<ArgumentException>(() => new FeatureMapGrid([new float[4, 4], new float[4, 5]]));
        Assert.Throws<ArgumentException>(() => new FeatureMapGrid([Pixels.Map(4, 4, float.NaN)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FeatureMapGrid([new float[4, 4]]) { Columns = 0 });
    }

    private static HeatMapPanels Panels(MapScale scale, CultureInfo? culture = null) =>
        new(
            new ImageWithMaps(
                Pixels.Plain(32, 32, 200, 100, 50),
                "cat",
                "dog",
                new MapPanel(Pixels.Map(32, 32, 0)) { Channel = 12, Mean = 0.25 },
                new MapPanel(Pixels.Map(32, 32, 0.5f)) { Channel = 4, Mean = 0.125 },
                new MapPanel(Pixels.Map(32, 32, 1)) { Title = "Grad-CAM" }
            )
        )
        {
            Scale = scale,
            Culture = culture ?? English,
        };
}

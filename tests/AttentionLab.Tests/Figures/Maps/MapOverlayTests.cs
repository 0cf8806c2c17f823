using System.Drawing;
using System.Globalization;
using System.Text.Json;
using AttentionLab.Figures;
using AttentionLab.Imaging;
using SkiaSharp;

namespace AttentionLab.Tests.Figures.Maps;

[Trait("Kind", "Numeric")]
public sealed class MapOverlayTests
{
    private static readonly CultureInfo English = new("en-US"),
        Chinese = new("zh-CN");

    [Fact]
    public void A_mask_keeps_what_reaches_the_threshold_and_dims_the_rest()
    {
        var picture = new Image(1, 3, [200, 100, 50, 200, 100, 50, 200, 100, 50]);
        Image masked = HeatmapImage.Mask(
            picture,
            new float[,]
            {
                { 0.4f, 0.5f, 0.6f },
            },
            0.5,
            brightness: 0.5
        );

        // Luma 0.299·200 + 0.587·100 + 0.114·50 = 124.2, half of it is 62.1.
        Assert.Equal([62, 62, 62, 200, 100, 50, 200, 100, 50], masked.Rgb);
        Assert.Equal(picture.Rgb, picture.Mask(new float[1, 3], 1, brightness: 1).Rgb);
        Assert.Throws<ArgumentOutOfRangeException>(() => picture.Mask(new float[1, 3], 0, brightness: 2));
        Assert.Throws<ArgumentException>(() => picture.Mask(new float[1, 3], double.NaN));
        Assert.Throws<ArgumentException>(() => picture.Mask(new float[2, 3], 0));
    }

    [Fact]
    public void Contours_are_drawn_where_the_map_has_their_value()
    {
        // The map rises from left to right; 0.5 lies in the middle of a picture of 8 columns, each 40 wide.
        var map = new float[8, 8];
        for (int i = 0; i < 64; i++)
        {
            map[i / 8, i % 8] = i % 8 / 7f;
        }

        Image black = Pixels.Plain(8, 8, 0, 0, 0);
        Pixels without = Pixels.Of(new MapOverlay(black, map) { Opacity = 0, TileSize = 320 });
        var place = without.Find(Color.Black, 0);
        Pixels with = Pixels.Of(
            new MapOverlay(black, map)
            {
                Opacity = 0,
                TileSize = 320,
                Contours = [0.5],
            }
        );
        int middle = place.Left + 160,
            row = place.Top + 160;
        Assert.Equal((0, 0, 0), without[middle, row]);
        Assert.True(with[middle, row].R > 100, "There is no line in the middle.");
        Assert.Equal((0, 0, 0), with[middle - 20, row]);
        Assert.Equal((0, 0, 0), with[middle + 20, row]);
        with.AssertWhiteEdges();
    }

    [Fact]
    public void It_speaks_of_values_and_of_what_is_dimmed()
    {
        Image picture = Pixels.Plain(1, 4, 9, 9, 9);
        float[,] map =
        {
            { -1, 0, 1, 2 },
        };
        Assert.Equal("A map over a picture, values from −1 to 2.", new MapOverlay(picture, map) { Culture = English }.AltText);
        Assert.Equal(
            "A picture where its map is at least 0.5; the rest (50 %) is dimmed.",
            new MapOverlay(picture, map) { Culture = English, Threshold = 0.5 }.AltText
        );
        Assert.Equal("图片上的热力图，数值从 −1 到 2。", new MapOverlay(picture, map) { Culture = Chinese }.AltText);
    }

    [Fact]
    public void Interactive_it_holds_the_picture_the_values_and_the_lines_and_little_else()
    {
        var map = new float[32, 32];
        map[3, 4] = 0.123456f;
        string json = new MapOverlay(Pixels.Plain(32, 32, 10, 20, 30), map) { Title = "<b>", Contours = [0.1] }.ToPlotlyJson()!;
        Assert.True(json.Length < 20_000, $"{json.Length} characters.");
        JsonElement figure = JsonDocument.Parse(json).RootElement,
            heat = figure.GetProperty("data")[0],
            layout = figure.GetProperty("layout");
        Assert.Equal("heatmap", heat.GetProperty("type").GetString());
        Assert.Equal(0.1235, heat.GetProperty("z")[3][4].GetDouble());
        Assert.Equal(0.5, heat.GetProperty("opacity").GetDouble());
        Assert.Contains("%{z}", heat.GetProperty("hovertemplate").GetString(), StringComparison.Ordinal);
        Assert.Equal("scatter", figure.GetProperty("data")[1].GetProperty("type").GetString());
        Assert.Equal("&lt;b>", layout.GetProperty("title").GetProperty("text").GetString());
        Assert.False(layout.TryGetProperty("template", out _));
        JsonElement image = layout.GetProperty("images")[0];
        using SKBitmap below = SKBitmap.Decode(
            Convert.FromBase64String(image.GetProperty("source").GetString()!["data:image/png;base64,".Length..])
        );
        Assert.Equal(new SKColor(10, 20, 30), below.GetPixel(100, 100));
        Assert.Equal("below", image.GetProperty("layer").GetString());
    }

    [Fact]
    public void Bad_values_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new MapOverlay(Pixels.Plain(2, 2, 0, 0, 0), new float[2, 3]));
        Assert.Throws<ArgumentException>(() => new MapOverlay(Pixels.Plain(2, 2, 0, 0, 0), Pixels.Map(2, 2, float.NaN)));
        Assert.Throws<ArgumentException>(() =>
            new MapOverlay(Pixels.Plain(2, 2, 0, 0, 0), new float[2, 2]) { Contours = [double.NaN] }
        );
    }
}

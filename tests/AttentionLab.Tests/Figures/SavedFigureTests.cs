using System.Text;
using System.Xml.Linq;
using AttentionLab.Figures;

namespace AttentionLab.Tests.Figures;

public sealed class SavedFigureTests : IDisposable
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"attentionlab-{Guid.NewGuid():N}");

    private static BarChart Bars => new([1, 2]) { Labels = ["cat & dog", "鸟"], Culture = new("en-US") };

    private static MapAnimation Animation =>
        new([Pixels.Plain(4, 4, 1, 2, 3)], new MapFrame(1, [Pixels.Map(4, 4, 0)]), new MapFrame(2, [Pixels.Map(4, 4, 1)]));

    [Theory]
    [InlineData("chart.png")]
    [InlineData("CHART.PNG")]
    public void A_png_has_the_bytes_of_ToPng(string name) => Assert.Equal(Bars.ToPng(), Saved(Bars, name));

    [Fact]
    public void An_svg_has_the_figure_s_size_words_and_sentence()
    {
        XElement root = XDocument.Parse(Encoding.UTF8.GetString(Saved(Bars, "chart.svg"))).Root!;
        Assert.Equal(Svg + "svg", root.Name);
        Assert.Equal((560, 360), ((int)root.Attribute("width")!, (int)root.Attribute("height")!));
        Assert.Equal(Bars.AltText, root.Element(Svg + "title")!.Value);
        string[] words = [.. root.Descendants(Svg + "text").Select(text => text.Value.Trim())];
        Assert.Contains("cat & dog", words);
        Assert.Contains("鸟", words);
    }

    [Fact]
    public void Every_kind_of_figure_has_an_svg_but_the_one_that_moves()
    {
        var grid = new ImageGrid([Pixels.Plain(4, 4, 200, 100, 50)]);
        Assert.NotEmpty(XDocument.Parse(Encoding.UTF8.GetString(Saved(grid, "grid.svg"))).Descendants(Svg + "image"));
        Assert.DoesNotContain(".svg", Animation.FileExtensions);
    }

    [Fact]
    public void A_chart_with_dashed_lines_has_no_svg_that_would_draw_them_solid()
    {
        var dashed = new LineChart(new LineSeries("test", [1, 2], [2, 1]) { Dashed = true });
        var nameless = new LineChart(new LineSeries("", [1, 2], [2, 1]) { Dashed = true });
        foreach (Figure figure in new Figure[] { dashed, nameless, new ChartPanels(Bars, dashed) })
        {
            Assert.Equal([".png", ".html"], figure.FileExtensions);
            Assert.Throws<ArgumentException>(() => figure.Save(Path.Combine(_folder, "lines.svg")));
        }
    }

    [Fact]
    public void An_animation_saves_as_GIF_and_nothing_else_does()
    {
        Assert.Equal("GIF89a", Encoding.ASCII.GetString(Saved(Animation, "learning.gif")[..6]));
        Assert.DoesNotContain(".gif", Bars.FileExtensions);
    }

    [Fact]
    public void A_chart_s_page_holds_the_chart_and_all_it_needs()
    {
        foreach (
            Figure chart in new Figure[]
            {
                Bars,
                new ChartPanels(Bars),
                new ConfusionMatrixChart(
                    ["a"],
                    new[,]
                    {
                        { 1 },
                    }
                ),
            }
        )
        {
            string page = Encoding.UTF8.GetString(Saved(chart, "chart.html"));
            Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
            Assert.Contains("plotly.js v", page, StringComparison.Ordinal);
            Assert.Contains("class=\"attentionlab-chart\" data-figure='{", page, StringComparison.Ordinal);
            Assert.Contains(Convert.ToBase64String(chart.ToPng()), page, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("learning.png")]
    [InlineData("learning.apng")]
    public void An_animation_is_a_png_that_moves(string name)
    {
        byte[] file = Saved(Animation, name);
        Assert.Equal(Animation.ToPng(), file);
        Assert.Contains("acTL", Encoding.Latin1.GetString(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("learning.webp")]
    [InlineData("learning.svg")]
    [InlineData("learning")]
    [InlineData("learning.")]
    public void What_cannot_be_written_is_refused_with_what_can_and_nothing_is_written(string name)
    {
        string path = Path.Combine(_folder, name);
        var refused = Assert.Throws<ArgumentException>(() => Animation.Save(path));
        Assert.StartsWith(
            $"MapAnimation cannot be written as '{name}': end the name in .png, .apng, .gif.",
            refused.Message,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(_folder));
    }

    [Fact]
    public void Each_kind_lists_what_it_writes()
    {
        Assert.Equal([".png", ".svg", ".html"], Bars.FileExtensions);
        Assert.Equal([".png", ".svg"], new ImageGrid([Pixels.Plain(4, 4, 1, 2, 3)]).FileExtensions);
        Assert.Throws<ArgumentException>(() =>
            new ImageGrid([Pixels.Plain(4, 4, 1, 2, 3)]).Save(Path.Combine(_folder, "a.html"))
        );
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private byte[] Saved(Figure figure, string name)
    {
        string path = Path.Combine(_folder, "a", name);
        figure.Save(path);
        return File.ReadAllBytes(path);
    }
}

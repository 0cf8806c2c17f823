using System.Globalization;
using AttentionLab.Figures;
using AttentionLab.Imaging;

namespace AttentionLab.Tests.Figures.Layout;

/// <summary>The course's labels in the language of the figure.</summary>
public sealed class FigureLabelsTests
{
    private static readonly CultureInfo English = new("en"),
        Chinese = new("zh");

    [Theory]
    [InlineData("Thirty steps on one batch", "在一个小批量上走三十步")]
    [InlineData("moon, named ring", "moon，认作 ring")]
    [InlineData("5 % hidden\nmoon 100 %", "遮住 5 %\nmoon 100 %")]
    [InlineData("crop: 3 down, 4 right", "裁剪：下移 3，右移 4")]
    [InlineData("moon and not ring", "是 moon 而不是 ring")]
    [InlineData("Test accuracy after 3 epochs on 4,000 pictures, 3 seeds", "4,000 幅图片训练 3 轮后的测试准确率，3 个种子")]
    [InlineData("a title of one's own", "a title of one's own")]
    [InlineData("", "")]
    public void A_label_is_looked_up_with_what_it_is_filled_with(string label, string expected)
    {
        Assert.Equal(expected, FigureLabels.In(Chinese, label));
        Assert.Equal(label, FigureLabels.In(English, label));
    }

    [Fact]
    public void Each_label_stands_once_and_has_the_same_places_in_both_languages()
    {
        (string English, string Chinese)[] all = [.. FigureLabels.All()];

        Assert.Distinct(all.Select(label => label.English));
        Assert.All(all, label => Assert.Equal(PlacesOf(label.English), PlacesOf(label.Chinese)));
    }

    /// <summary>A label with places is found again by what it makes: no earlier one takes it.</summary>
    [Fact]
    public void No_label_hides_another() =>
        Assert.All(
            FigureLabels.All(),
            label =>
                Assert.Equal(
                    string.Format(CultureInfo.InvariantCulture, label.Chinese, "7", "8", "9"),
                    FigureLabels.In(Chinese, string.Format(CultureInfo.InvariantCulture, label.English, "7", "8", "9"))
                )
        );

    [Fact]
    public void Figures_say_titles_axes_captions_and_names_in_their_language()
    {
        var chart = new LineChart(new LineSeries("one batch", [1, 2]))
        {
            Culture = Chinese,
            Title = "Thirty steps on one batch",
            XTitle = "Step",
            YTitle = "Loss",
        };
        Assert.Equal(("在一个小批量上走三十步", "步", "损失"), (chart.Title, chart.XTitle, chart.YTitle));
        Assert.Equal("折线图“在一个小批量上走三十步”：一个小批量从 1 到 2（2 个点）。", chart.AltText);
        Assert.Contains("一个小批量", chart.ToPlotlyJson(), StringComparison.Ordinal);

        var grid = new ImageGrid([new Image(1, 1, new byte[3])], ["its mask"])
        {
            Culture = Chinese,
            Title = "The highest losses",
        };
        Assert.Equal(["它的掩码"], grid.Captions);
        Assert.Equal("损失最高的", grid.Title);

        var diagram = new NetworkDiagram(new DiagramLayer("input", "picture", 3, 32, 32)) { Culture = Chinese };
        Assert.Equal("网络图（1 个方块）：输入 3×32×32。", diagram.AltText);
        Assert.Equal(
            "Interval chart: plain 1 (0 to 2).",
            new IntervalChart(new Interval("plain", 1, 0, 2)) { Culture = English }.AltText
        );
        Assert.Equal(
            "区间图：普通 1（0 到 2）。",
            new IntervalChart(new Interval("plain", 1, 0, 2)) { Culture = Chinese }.AltText
        );
    }

    private static bool[] PlacesOf(string label) =>
        [.. Enumerable.Range(0, 4).Select(i => label.Contains($"{{{i}}}", StringComparison.Ordinal))];
}

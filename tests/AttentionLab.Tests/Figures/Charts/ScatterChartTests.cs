using System.Globalization;
using AttentionLab.Figures;

namespace AttentionLab.Tests.Figures.Charts;

[Trait("Kind", "Numeric")]
public sealed class ScatterChartTests
{
    private static ScatterChart Chart =>
        new(new LineSeries("", [0, 1, 2], [0, 4, 2]))
        {
            Title = "t",
            XTitle = "mean",
            YTitle = "weight",
            Culture = new("en-US"),
        };

    [Fact]
    public void Every_point_is_a_dot_of_its_own_and_no_line_joins_them()
    {
        Pixels pixels = Pixels.Of(Chart);
        var dots = pixels.Find(ChartColors.Blue, 0);

        // Three discs of radius 3.5: 3·38 = 115 pixels with their soft edges, fewer without them. A line would add hundreds.
        Assert.InRange(dots.Count, 60, 130);
        Assert.InRange(dots.Right - dots.Left, 400, 560);
        pixels.AssertWhiteEdges();
        Assert.Contains("\"mode\":\"markers\"", Chart.ToPlotlyJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_alternative_text_says_ranges_in_both_languages()
    {
        Assert.Equal("Dots “t” (3): mean from 0 to 2, weight from 0 to 4.", Chart.AltText);
        var chinese = new ScatterChart(Chart.Groups) { Title = "t", Culture = CultureInfo.GetCultureInfo("zh-CN") };
        Assert.StartsWith("点图“t”（3 个点）", chinese.AltText, StringComparison.Ordinal);
    }

    [Fact]
    public void Points_that_cannot_be_drawn_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ScatterChart());
        Assert.Throws<ArgumentException>(() => new ScatterChart(new LineSeries("", [1], [double.NaN])));
        Assert.Throws<ArgumentException>(() => new ScatterChart(new LineSeries("", [1, 2], [1])));
    }
}

using System.Drawing;
using System.Text.Json;
using AttentionLab.Figures;

namespace AttentionLab.Tests.Figures;

[Trait("Kind", "Numeric")]
public sealed class IntervalChartTests
{
    private static readonly Color Grey = Color.FromArgb(0x7f, 0x7f, 0x7f);
    private static readonly Interval Better = new("better", 0.8, 0.7, 0.9),
        Perhaps = new("perhaps", 0.6, 0.4, 0.8),
        Worse = new("worse", 0.1, 0.05, 0.2);

    [Fact]
    public void What_surely_beats_the_baseline_is_blue_and_the_rest_grey()
    {
        Assert.Equal((true, false), Colours(new IntervalChart(Better)));
        Assert.Equal((true, false), Colours(new IntervalChart(Better) { Baseline = ("random", 0.5) }, legend: true));
        Assert.Equal((false, true), Colours(new IntervalChart(Perhaps) { Baseline = ("random", 0.5) }, legend: true));
        Assert.Equal((false, true), Colours(new IntervalChart(Worse) { Baseline = ("random", 0.5) }, legend: true));
        Assert.Equal(
            (true, false),
            Colours(new IntervalChart(Worse) { Baseline = ("random", 0.5), HigherIsBetter = false }, legend: true)
        );

        static (bool Blue, bool Grey) Colours(IntervalChart chart, bool legend = false)
        {
            // The mean's dot, below the legend.
            Pixels pixels = Pixels.Of(chart);
            int blue = 0,
                grey = 0;
            for (int y = legend ? 60 : 0; y < pixels.Height; y++)
            {
                for (int x = 0; x < pixels.Width; x++)
                {
                    blue += pixels[x, y] == (ChartColors.Blue.R, ChartColors.Blue.G, ChartColors.Blue.B) ? 1 : 0;
                    grey += pixels[x, y] == (Grey.R, Grey.G, Grey.B) ? 1 : 0;
                }
            }

            return (blue > 30, grey > 30);
        }
    }

    [Fact]
    public void The_baseline_is_a_line_across()
    {
        Pixels pixels = Pixels.Of(new IntervalChart(Better, Worse) { Baseline = ("random", 0.5) });
        int longest = Enumerable
            .Range(60, pixels.Height - 100)
            .Max(y =>
                Enumerable.Range(0, pixels.Width).Count(x => pixels[x, y] is var (r, g, b) && r > 200 && g < 100 && b < 100)
            );
        Assert.True(longest > pixels.Width / 3, $"The longest red row has {longest} pixels.");
        pixels.AssertWhiteEdges();
    }

    [Fact]
    public void Interactive_it_has_asymmetric_intervals_in_the_order_given()
    {
        JsonElement data = JsonDocument
            .Parse(
                new IntervalChart(new("<a>", 0.5, 0.25, 1), Worse)
                {
                    Baseline = ("random", 0.2),
                    Culture = new("en-US"),
                }.ToPlotlyJson()!
            )
            .RootElement.GetProperty("data");
        Assert.Equal(["&lt;a>", "worse"], data[0].GetProperty("x").EnumerateArray().Select(x => x.GetString()));
        Assert.Equal([0.2, 0.2], data[0].GetProperty("y").EnumerateArray().Select(y => y.GetDouble()));
        Assert.Equal("better than random", data[1].GetProperty("name").GetString());
        Assert.Equal(0.5, data[1].GetProperty("error_y").GetProperty("array")[0].GetDouble());
        Assert.Equal(0.25, data[1].GetProperty("error_y").GetProperty("arrayminus")[0].GetDouble());
        Assert.Equal("not surely better", data[2].GetProperty("name").GetString());
    }

    [Fact]
    public void Its_sentence_holds_the_numbers() =>
        Assert.Equal(
            "Interval chart “Hits”: better 0.8 (0.7 to 0.9); worse 0.1 (0.05 to 0.2); baseline random 0.5.",
            new IntervalChart(Better, Worse)
            {
                Title = "Hits",
                Baseline = ("random", 0.5),
                Culture = new("en-US"),
            }.AltText
        );

    [Fact]
    public void Intervals_that_do_not_hold_their_mean_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new IntervalChart());
        Assert.Contains(
            "'x'",
            Assert.Throws<ArgumentException>(() => new IntervalChart(new Interval("x", 0.5, 0.6, 0.7))).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => new IntervalChart(new Interval("x", double.NaN, 0, 1)));
        Assert.Throws<ArgumentException>(() => new IntervalChart(new Interval("x", 0, double.NegativeInfinity, 1)));
        Assert.Throws<ArgumentException>(() => new IntervalChart(Better) { Baseline = ("random", double.NaN) });
    }
}

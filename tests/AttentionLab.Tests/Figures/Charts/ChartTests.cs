using System.Drawing;
using System.Globalization;
using System.Text.Json;
using AttentionLab.Core;
using AttentionLab.Figures;
using AttentionLab.Training;
using CsCheck;

namespace AttentionLab.Tests.Figures;

[Trait("Kind", "Numeric")]
public sealed class ChartTests
{
    private static readonly CultureInfo English = new("en-US"),
        Chinese = new("zh-CN");
    private static readonly Color IterationBlue = OnWhite(ChartColors.Blue, 0.7);

    [Fact]
    public void A_line_goes_where_its_points_are()
    {
        // A rising line: its left end is lower than its right end, both inside the axes.
        Pixels pixels = Pixels.Of(new LineChart(new LineSeries("", [0, 10], [0, 5]) { Color = Color.Magenta }));
        var line = pixels.Find(Color.Magenta, 0);
        Assert.True(line.Right - line.Left > 400 && line.Bottom - line.Top > 200, line.ToString());
        Assert.Contains(Enumerable.Range(line.Bottom - 12, 12), y => pixels[line.Left + 3, y] == (255, 0, 255));
        Assert.Contains(Enumerable.Range(line.Top, 12), y => pixels[line.Right - 3, y] == (255, 0, 255));
        pixels.AssertWhiteEdges();
    }

    [Fact]
    public void The_legend_shows_name_and_colour()
    {
        LineSeries series = new("a name", [0, 1], [1, 1]) { Color = Color.Magenta };
        Pixels with = Pixels.Of(new LineChart(series)),
            without = Pixels.Of(new LineChart(series with { Name = "" }));
        Assert.True(with.Find(Color.Magenta, 0).Top < 20);
        Assert.True(without.Find(Color.Magenta, 0).Top > 100);
        Assert.True(with.Ink(0, 0, with.Width, 22) > 30);
    }

    [Fact]
    public void A_grid_is_there()
    {
        Pixels pixels = Pixels.Of(new LineChart(new LineSeries("", [0, 10], [0, 5])));
        Assert.True(pixels.Find(Color.FromArgb(0xe4, 0xe4, 0xe4), 2).Count > 2000);
    }

    [Fact]
    public void Values_alone_are_numbered_from_1_on_an_axis_of_whole_numbers()
    {
        var counted = new LineSeries("loss", [2.5, 1.5, 0.5]);
        Assert.Equal([1, 2, 3], counted.X);
        Assert.Equal([2.5, 1.5, 0.5], counted.Y);
        Assert.True(new LineChart(counted).IntegerX);
        Assert.False(new LineChart(counted) { IntegerX = false }.IntegerX);
        Assert.False(new LineChart(counted, new LineSeries("other", [0, 0.5], [1, 2])).IntegerX);
        Assert.Throws<ArgumentNullException>(() => new LineSeries("loss", null!));
    }

    [Fact]
    public void A_chart_without_a_title_quotes_none()
    {
        var lines = new LineChart(new LineSeries("loss", [2, 1])) { Culture = English };
        Assert.Equal("Line chart: loss from 2 to 1 (points: 2).", lines.AltText);
        Assert.Equal("折线图：损失从 2 到 1（2 个点）。", new LineChart(lines.Series) { Culture = Chinese }.AltText);
        Assert.Equal(
            "Bar chart “Losses”: values from 1 to 2 (bars: 2).",
            new BarChart([1, 2]) { Title = "Losses", Culture = English }.AltText
        );
    }

    [Fact]
    public void The_iteration_plot_is_one_blue_line_of_70_percent()
    {
        LineChart chart = TrainingCharts.Iterations([2.3, 1.9, 1.5, 1.2], English);
        LineSeries line = Assert.Single(chart.Series);
        Assert.Equal([1, 2, 3, 4], line.X);
        Assert.Equal(0.7, line.Opacity);
        Assert.Equal(
            ("Training loss per iteration", "Iteration", "Loss", "Train loss"),
            (chart.Title, chart.XTitle, chart.YTitle, line.Name)
        );
        Assert.True(Pixels.Of(chart, 4).Find(IterationBlue, 3).Count > 1000);
        LineChart chinese = TrainingCharts.Iterations([2.3, 1.9], Chinese);
        Assert.Equal(
            ("每次迭代的训练损失", "迭代次数", "损失", "训练损失"),
            (chinese.Title, chinese.XTitle, chinese.YTitle, chinese.Series[0].Name)
        );
    }

    [Fact]
    public void The_epoch_plot_has_two_panels_train_blue_and_test_red()
    {
        ChartPanels figure = TrainingCharts.Epochs(Epochs([0.2, 0.5], [0.3, 0.4], [2, 1], [1.5, 1.25]), English);
        Assert.Equal(["Training and test accuracy", "Training and test loss"], figure.Panels.Select(p => p.Title));
        Assert.Equal(["Accuracy (%)", "Loss"], figure.Panels.Select(p => p.YTitle));
        Assert.All(figure.Panels, p => Assert.Equal("Epoch", p.XTitle));
        LineSeries[] accuracy = [.. ((LineChart)figure.Panels[0]).Series],
            loss = [.. ((LineChart)figure.Panels[1]).Series];
        Assert.Equal([20, 50], accuracy[0].Y);
        Assert.Equal([30, 40], accuracy[1].Y);
        Assert.Equal([2, 1], loss[0].Y);
        Assert.Equal([1, 2], loss[1].X);
        Assert.Equal(
            [ChartColors.Blue, ChartColors.Red, ChartColors.Blue, ChartColors.Red],
            accuracy.Concat(loss).Select(s => s.Color!.Value)
        );

        Pixels pixels = Pixels.Of(figure);
        foreach (Color color in new[] { ChartColors.Blue, ChartColors.Red })
        {
            var found = pixels.Find(color, 2);
            Assert.True(found.Left < 200 && found.Right > 600 && found.Count > 200, found.ToString());
        }

        pixels.AssertWhiteEdges();
    }

    [Fact]
    public void Several_runs_are_told_apart_by_colour_and_train_from_test_by_dashes()
    {
        IReadOnlyList<EpochRecord> run = Epochs([0.2, 0.5], [0.3, 0.4], [2, 1], [1.5, 1.25]);
        ChartPanels figure = TrainingCharts.Epochs([("CNN", run), ("SE-CNN", run)], English);
        IReadOnlyList<LineSeries> lines = ((LineChart)figure.Panels[0]).Series;
        Assert.Equal(["CNN, Train", "CNN, Test", "SE-CNN, Train", "SE-CNN, Test"], lines.Select(l => l.Name));
        Assert.Equal([true, false, true, false], lines.Select(l => l.Dashed));
        Assert.Equal(2, lines.Select(l => l.Color).Distinct().Count());
        Assert.Equal(
            ["CNN", "SE-CNN"],
            TrainingCharts.Iterations([("CNN", new double[] { 1 }), ("SE-CNN", new double[] { 2 })]).Series.Select(s => s.Name)
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    public void Any_number_of_epochs_is_drawn_within_its_edges(int epochs)
    {
        double[] values = [.. Enumerable.Range(0, epochs).Select(i => (i + 1.0) / epochs)];
        foreach (CultureInfo culture in new[] { English, Chinese })
        {
            Pixels.Of(TrainingCharts.Epochs(Epochs(values, values, values, values), culture)).AssertWhiteEdges();
            Pixels.Of(TrainingCharts.Iterations(values, culture)).AssertWhiteEdges();
        }
    }

    [Fact]
    public void Thinning_keeps_ends_and_extremes()
    {
        Gen.Select(Gen.Double[-5, 5].Array[5, 3000], Gen.Int[4, 500])
            .Sample(
                (ys, points) =>
                {
                    LineSeries line = new("", [.. ys.Select((_, i) => (double)i)], ys),
                        thin = line.Thin(points);
                    return thin.Y.Count <= Math.Max(points, 0)
                        && thin.Y.Count == thin.X.Count
                        && thin.Y[0] == ys[0]
                        && thin.Y[^1] == ys[^1]
                        && thin.Y.Max() == ys.Max()
                        && thin.Y.Min() == ys.Min()
                        && thin.X.SequenceEqual(thin.X.Order().Distinct())
                        && thin.X.Zip(thin.Y).All(p => ys[(int)p.First] == p.Second);
                },
                iter: 200
            );
    }

    [Fact]
    public void Forty_thousand_iterations_stay_small()
    {
        double[] losses = [.. Enumerable.Range(0, 40_000).Select(i => (2 * Math.Exp(-i / 9000.0)) + Fixture.Uniform(1, (uint)i))];
        losses[12_345] = 30;
        LineChart chart = TrainingCharts.Iterations(losses, English);
        Assert.Equal(40_000, chart.Series[0].Y.Count);
        using JsonDocument json = JsonDocument.Parse(chart.ToPlotlyJson()!);
        JsonElement trace = json.RootElement.GetProperty("data")[0];
        double[] x = Numbers(trace, "x"),
            y = Numbers(trace, "y");
        Assert.InRange(x.Length, 1900, 2000);
        Assert.Equal(30, y[Array.IndexOf(x, 12_346)]);
        Assert.True(chart.ToPlotlyJson()!.Length < 40_000);
    }

    [Fact]
    public void Plotly_gets_plain_numbers_titles_and_no_template()
    {
        string json = TrainingCharts.Epochs(Epochs([0.2, 0.51], [0.3, 0.4], [2, 1], [1.5, 1.25]), English).ToPlotlyJson()!;
        Assert.DoesNotContain("template", json, StringComparison.Ordinal);
        Assert.True(json.Length < 3000, $"{json.Length} characters");
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement data = document.RootElement.GetProperty("data"),
            layout = document.RootElement.GetProperty("layout");
        Assert.Equal(4, data.GetArrayLength());
        Assert.Equal("scatter", data[0].GetProperty("type").GetString());
        Assert.Equal([1, 2], Numbers(data[0], "x"));
        Assert.Equal([20, 51], Numbers(data[0], "y"));
        Assert.Equal([1.5, 1.25], Numbers(data[3], "y"));
        Assert.Equal("#d62728", data[3].GetProperty("line").GetProperty("color").GetString());
        Assert.Equal(("x2", "y2"), (data[3].GetProperty("xaxis").GetString(), data[3].GetProperty("yaxis").GetString()));
        Assert.Equal("Loss", layout.GetProperty("yaxis2").GetProperty("title").GetProperty("text").GetString());
        Assert.Equal(
            ["Training and test accuracy", "Training and test loss"],
            layout.GetProperty("annotations").EnumerateArray().Select(a => a.GetProperty("text").GetString())
        );
        Assert.True(layout.GetProperty("showlegend").GetBoolean());
        Assert.Equal(
            [false, false, true, true],
            data.EnumerateArray().Select(t => t.TryGetProperty("showlegend", out JsonElement shown) && !shown.GetBoolean())
        );
    }

    [Fact]
    public void Plotly_does_not_read_a_name_as_markup()
    {
        string json = new LineChart(new LineSeries("<b>a</b>", [0], [0])) { Title = "x < y & z" }.ToPlotlyJson()!;
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(
            "x &lt; y &amp; z",
            document.RootElement.GetProperty("layout").GetProperty("title").GetProperty("text").GetString()
        );
        Assert.Equal("&lt;b>a&lt;/b>", document.RootElement.GetProperty("data")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void Bars_are_as_high_as_their_values()
    {
        Pixels pixels = Pixels.Of(new BarChart([0.25, 1, 0.5]) { Color = Color.Magenta, YRange = ValueRange.Unit });
        var all = pixels.Find(Color.Magenta, 0);
        int HeightAt(double fraction) =>
            Enumerable
                .Range(0, pixels.Height)
                .Count(y => pixels[(int)(all.Left + (fraction * (all.Right - all.Left))), y] == (255, 0, 255));
        int tallest = HeightAt(0.5);
        Assert.InRange(HeightAt(0.05), (0.25 * tallest) - 2, (0.25 * tallest) + 2);
        Assert.InRange(HeightAt(0.95), (0.5 * tallest) - 2, (0.5 * tallest) + 2);
        pixels.AssertWhiteEdges();
    }

    [Fact]
    public void Bars_have_names_in_both_forms()
    {
        string[] names = ["airplane", "automobile", "鸟"];
        var chart = new BarChart([1, -2, 3]) { Labels = names };
        using JsonDocument json = JsonDocument.Parse(chart.ToPlotlyJson()!);
        Assert.Equal(names, json.RootElement.GetProperty("data")[0].GetProperty("x").EnumerateArray().Select(e => e.GetString()));
        Pixels named = Pixels.Of(chart),
            numbered = Pixels.Of(new BarChart([1, -2, 3]));
        named.AssertWhiteEdges();
        Assert.True(named.Ink(60, 330, 540, 360) > numbered.Ink(60, 330, 540, 360) + 50);
        Assert.Throws<ArgumentException>(() => new BarChart([1, 2]) { Labels = ["one"] });
    }

    [Fact]
    public void Long_words_are_not_cut_off()
    {
        const string Long =
            "A text so long that it must be wrapped over two lines or be shortened, as a careful reader would expect of any "
            + "chart";
        LineSeries[] series = [.. Enumerable.Range(0, 9).Select(i => new LineSeries($"{Long} {i}", [0, 1], [1e-7 * i, 2e-7]))];
        Pixels
            .Of(
                new LineChart(series)
                {
                    Title = Long + Long,
                    XTitle = Long,
                    YTitle = Long,
                },
                2
            )
            .AssertWhiteEdges();
        Pixels.Of(new BarChart([1, 2, 3]) { Labels = [Long, Long, Long] }).AssertWhiteEdges();
    }

    [Fact]
    public void Bad_lines_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new LineChart());
        Assert.Throws<ArgumentException>(() => new ChartPanels());
        Assert.Throws<ArgumentException>(() => new BarChart([]));
        Assert.Contains(
            "no points",
            Assert.Throws<ArgumentException>(() => TrainingCharts.Iterations(Array.Empty<double>())).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "2 X and 1 Y",
            Assert.Throws<ArgumentException>(() => new LineChart(new LineSeries("a", [1, 2], [1]))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "index 1",
            Assert.Throws<ArgumentException>(() => new LineChart(new LineSeries("a", [1, 2], [1, double.NaN]))).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => new LineChart(new LineSeries("a", [1], [1]) { Opacity = 1.5 }));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new LineChart(new LineSeries("a", [1], [1])) { Size = new System.Drawing.Size(10, 10) }
        );
    }

    [Fact]
    public void A_validation_part_gets_a_third_line()
    {
        EpochRecord epoch = Epochs([0.2], [0.3], [2], [1.5])[0] with { ValidationAccuracy = 0.25, ValidationLoss = 1.75 };
        ChartPanels figure = TrainingCharts.Epochs([epoch], English);
        Assert.Equal(["Train", "Test", "Validation"], ((LineChart)figure.Panels[0]).Series.Select(s => s.Name));
        Assert.Equal([25], ((LineChart)figure.Panels[0]).Series[2].Y);
        Assert.Equal([1.75], ((LineChart)figure.Panels[1]).Series[2].Y);
    }

    [Fact]
    public void Bad_runs_are_refused()
    {
        Assert.Throws<ArgumentException>(() => TrainingCharts.Epochs(Array.Empty<EpochRecord>()));
        Assert.Throws<ArgumentException>(() => TrainingCharts.Epochs(Array.Empty<(string, IReadOnlyList<EpochRecord>)>()));
        Assert.Throws<ArgumentException>(() => TrainingCharts.Epochs(Epochs([0.5], [0.5], [double.NaN], [1])));
    }

    private static EpochRecord[] Epochs(double[] trainAccuracy, double[] testAccuracy, double[] trainLoss, double[] testLoss) =>
        [
            .. trainAccuracy.Select(
                (_, i) =>
                    new EpochRecord(
                        i + 1,
                        trainLoss[i],
                        trainAccuracy[i],
                        testLoss[i],
                        testAccuracy[i],
                        null,
                        null,
                        0.001,
                        TimeSpan.Zero,
                        0
                    )
            ),
        ];

    private static double[] Numbers(JsonElement trace, string name) =>
        [.. trace.GetProperty(name).EnumerateArray().Select(e => e.GetDouble())];

    private static Color OnWhite(Color color, double opacity) =>
        Color.FromArgb(Blend(color.R, opacity), Blend(color.G, opacity), Blend(color.B, opacity));

    private static int Blend(byte value, double opacity) => (int)Math.Round((value * opacity) + (255 * (1 - opacity)));
}

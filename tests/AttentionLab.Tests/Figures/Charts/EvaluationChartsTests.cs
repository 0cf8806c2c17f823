using AttentionLab.Core;
using AttentionLab.Evaluate;
using AttentionLab.Figures;

namespace AttentionLab.Tests.Figures.Charts;

public sealed class EvaluationChartsTests
{
    [Fact]
    public void A_measure_s_methods_stand_beside_the_blob()
    {
        IntervalChart chart = Report(
                Score("grad-cam", "conv3", 0.5),
                Score("gradients", "input", 0.2),
                Score("centred-blob", "32×32", 0.3) with
                {
                    IsBaseline = true,
                },
                Score("random-map", "4×4", 0.1) with
                {
                    IsBaseline = true,
                }
            )
            .ToChart("deletion", culture: new("en-US"));
        Assert.Equal([new Interval("grad-cam", 0.5, 0.4, 0.6), new Interval("gradients", 0.2, 0.1, 0.3)], chart.Intervals);
        Assert.Equal(("centred-blob", 0.3), chart.Baseline);
        Assert.False(chart.HigherIsBetter);
        Assert.Equal("deletion, 8 pictures: lower is better", chart.Title);
    }

    [Fact]
    public void Measure_and_blob_have_names_in_Chinese()
    {
        IntervalChart chart = Report(
                Score("grad-cam", "conv3", 0.5),
                Score("centred-blob", "32×32", 0.3) with
                {
                    IsBaseline = true,
                }
            )
            .ToChart("deletion", culture: new("zh-CN"));

        Assert.Equal(("删除，8 幅图片：越低越好", "删除"), (chart.Title, chart.YTitle));
        Assert.Equal("区间图“删除，8 幅图片：越低越好”：grad-cam 0.5（0.4 到 0.6）；基线 正中的一团 0.3。", chart.AltText);
        Assert.Equal("正中的一团", chart.PlotlyTraces().First()["name"]);
    }

    [Fact]
    public void Layers_are_named_where_a_method_has_several_and_another_baseline_can_be_asked_for()
    {
        EvaluationReport report = Report(
            Score("grad-cam", "conv2", 0.5),
            Score("grad-cam", "conv3", 0.6),
            Score("random-map", "4×4", 0.1) with
            {
                IsBaseline = true,
            }
        );
        Assert.Null(report.ToChart("deletion").Baseline);
        IntervalChart chart = report.ToChart("deletion", "random-map");
        Assert.Equal(["grad-cam conv2", "grad-cam conv3"], chart.Intervals.Select(interval => interval.Name));
        Assert.Equal(("random-map", 0.1), chart.Baseline);
        Assert.Contains("it has random-map", Message("deletion", "nothing"), StringComparison.Ordinal);
        Assert.Contains("it has deletion", Message("insertion", null), StringComparison.Ordinal);

        string Message(string measure, string? baseline) =>
            Assert.Throws<ArgumentException>(() => report.ToChart(measure, baseline)).Message;
    }

    private static MeasureScore Score(string method, string layer, double mean) =>
        new(
            method,
            layer,
            "deletion",
            HigherIsBetter: false,
            new ConfidenceInterval(mean, Math.Round(mean - 0.1, 1), Math.Round(mean + 0.1, 1), 8),
            [.. Enumerable.Repeat(mean, 8)]
        );

    private static EvaluationReport Report(params MeasureScore[] scores) =>
        new()
        {
            Model = "Cnn",
            Pictures = 8,
            Target = "predicted class",
            Scores = scores,
            Comparisons = [],
            Ranking = [],
            Warnings = [],
            Versions = new Dictionary<string, string>(),
        };
}

using System.Drawing;
using System.Globalization;
using System.Text.Json;
using AttentionLab.Figures;
using AttentionLab.Training;

namespace AttentionLab.Tests.Figures;

[Trait("Kind", "Numeric")]
public sealed class ConfusionMatrixChartTests
{
    private static readonly int[,] Counts =
    {
        { 4, 0 },
        { 1, 3 },
    };

    [Fact]
    public void A_cell_is_as_blue_as_its_share_of_the_row()
    {
        Pixels pixels = Pixels.Of(Chart(["cat", "dog"], Counts));

        // Row 1: all right, all blue. Row 2: a quarter and three quarters of the way from white to blue.
        var full = pixels.Find(ChartColors.Blue, 0);
        var quarter = pixels.Find(Color.FromArgb(199, 221, 236), 0);
        var most = pixels.Find(Color.FromArgb(87, 153, 199), 0);
        foreach (var cell in new[] { full, quarter, most })
        {
            Assert.InRange(cell.Right - cell.Left, 27, 30);
            Assert.InRange(cell.Bottom - cell.Top, 27, 30);
        }

        Assert.Equal((full.Left, full.Bottom + 2), (quarter.Left, quarter.Top));
        Assert.Equal((quarter.Right + 2, quarter.Top), (most.Left, most.Top));
        pixels.AssertWhiteEdges();
    }

    [Fact]
    public void It_says_what_is_confused_most()
    {
        Assert.Equal(
            "Confusion matrix of 8 pictures and 2 classes: 7 on the diagonal. Most often confused: dog, taken for cat (1).",
            Chart(["cat", "dog"], Counts).AltText
        );
        Assert.Equal(
            "Confusion matrix of 3 pictures and 1 classes: 3 on the diagonal.",
            Chart(
                ["cat"],
                new[,]
                {
                    { 3 },
                }
            ).AltText
        );
        Assert.StartsWith(
            "8 幅图片、2 个类别的真实与预测对照表",
            new ConfusionMatrixChart(["cat", "dog"], Counts) { Culture = CultureInfo.GetCultureInfo("zh-CN") }.AltText,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Plotly_gets_counts_shares_and_names_that_are_no_markup()
    {
        using JsonDocument json = JsonDocument.Parse(Chart(["<b>", "dog"], Counts).ToPlotlyJson()!);
        JsonElement trace = json.RootElement.GetProperty("data")[0];
        double[][] Rows(string name) =>
            [
                .. trace
                    .GetProperty(name)
                    .EnumerateArray()
                    .Select(row => row.EnumerateArray().Select(v => v.GetDouble()).ToArray()),
            ];
        Assert.Equal(
            [
                [4, 0],
                [1, 3],
            ],
            Rows("text")
        );
        Assert.Equal(
            [
                [1, 0],
                [0.25, 0.75],
            ],
            Rows("z")
        );
        JsonElement layout = json.RootElement.GetProperty("layout");
        Assert.Equal("&lt;b>", layout.GetProperty("xaxis").GetProperty("ticktext")[0].GetString());
        Assert.Equal("reversed", layout.GetProperty("yaxis").GetProperty("autorange").GetString());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(100)]
    public void Any_number_of_classes_with_long_names_is_drawn_within_the_edges(int classes)
    {
        string[] names =
        [
            .. Enumerable.Range(0, classes).Select(i => $"{i} a class with a name longer than any reader would like 长名"),
        ];
        var counts = new int[classes, classes];
        for (int i = 0; i < classes * classes; i++)
        {
            counts[i / classes, i % classes] = i % classes == i / classes ? 12_345 : i % 7;
        }

        foreach (double scale in new[] { 1.0, 2 })
        {
            Pixels
                .Of(
                    new ConfusionMatrixChart(names, counts) { Title = "What is taken for what, in the test pictures of a set" },
                    scale
                )
                .AssertWhiteEdges();
        }
    }

    [Fact]
    public void An_evaluation_is_drawn_in_one_call()
    {
        var evaluation = new Evaluation(0, 0.5, [0, 0])
        {
            Labels = [0, 1],
            ClassNames = ["cat", "dog"],
            Probabilities = new float[2, 2],
        };
        Assert.Equal(
            Chart(
                    ["cat", "dog"],
                    new[,]
                    {
                        { 1, 0 },
                        { 1, 0 },
                    }
                )
                .ToPng(),
            ConfusionMatrixChart.Of(evaluation).ToPng()
        );
    }

    [Fact]
    public void Counts_that_are_no_square_are_refused()
    {
        Assert.Contains(
            "1×2 counts for 2 class names",
            Assert.Throws<ArgumentException>(() => new ConfusionMatrixChart(["a", "b"], new int[1, 2])).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => new ConfusionMatrixChart([], new int[0, 0]));
        Assert.Throws<ArgumentException>(() =>
            new ConfusionMatrixChart(
                ["a"],
                new[,]
                {
                    { -1 },
                }
            )
        );
    }

    private static ConfusionMatrixChart Chart(string[] names, int[,] counts) =>
        new(names, counts) { Culture = CultureInfo.GetCultureInfo("en-US") };
}

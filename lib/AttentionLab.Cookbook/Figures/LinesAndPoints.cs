using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Figures;

internal sealed class LinesAndPoints : Recipe
{
    public override string Name => "Lines and points";

    public override string Sentence => "Plots numbers as lines and as points, side by side.";

    protected override void Execute()
    {
        double[] x = [.. Enumerable.Range(0, 40).Select(i => i / 10.0)];
        double[] sine = [.. x.Select(Math.Sin)],
            cosine = [.. x.Select(Math.Cos)];

        var lines = new LineChart(new LineSeries("sine", x, sine), new LineSeries("cosine", x, cosine) { Dashed = true })
        {
            XTitle = "x",
        };
        var points = new ScatterChart(new LineSeries("sine and cosine", sine, cosine)) { XTitle = "sine", YTitle = "cosine" };
        display(new ChartPanels(lines, points));
    }
}

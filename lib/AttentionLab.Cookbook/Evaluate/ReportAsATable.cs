using AttentionLab.Evaluate;
using AttentionLab.Explain;

namespace AttentionLab.Cookbook.Evaluate;

internal sealed class ReportAsATable : Recipe
{
    public override string Name => "A comparison as a table";

    public override string Sentence => "Writes a comparison as CSV, a row for each method and measure.";

    protected override void Execute()
    {
        var comparison = new MethodComparison
        {
            Methods = [new GradCam(), new EigenCam()],
            Measures = [new EnergyPointingGame()],
        };
        EvaluationReport report = comparison.Run(model, data.Test.Take(20), data.Normalization);
        File.WriteAllText($"{folder}/methods.csv", report.ToCsv());

        display(report.Ranking.Select(rank => $"{rank.Method} at {rank.Layer}"));
    }
}

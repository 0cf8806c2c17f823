using AttentionLab.Evaluate;
using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Evaluate;

internal sealed class CompareMethods : Recipe
{
    public override string Name => "Compare methods";

    public override string Sentence =>
        "Scores methods on some pictures, with confidence intervals and with a centred blob as the baseline to beat.";

    protected override void Execute()
    {
        var comparison = new MethodComparison
        {
            Methods = [new GradCam(), new EigenCam(), new HiResCam(), new Gradients()],
            Measures = [new EnergyPointingGame(), new IntersectionOverUnion()],
        };
        EvaluationReport report = comparison.Run(model, data.Test.Take(40), data.Normalization);

        display(report.ToChart("energy-pointing-game"));
    }
}

using AttentionLab.Evaluate;
using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Evaluate;

internal sealed class DeleteWhatCounts : Recipe
{
    public override string Name => "Delete what counts";

    public override string Sentence =>
        "Takes pixels away in the order of the map and plots how sure the network still is; a random order is drawn beside it.";

    protected override void Execute()
    {
        LineSeries Curve(ExplanationMethod method)
        {
            EvaluationTrial trial = EvaluationTrial.Of(method, model, input)[0];
            ConfidenceCurve curve = ConfidenceCurve.Mean(new Deletion().CurvesOf(trial));
            return new LineSeries(method.Name, curve.Fractions, curve.Confidences);
        }

        LineSeries[] curves = [Curve(new GradCam()), Curve(new IntegratedGradients()), Curve(new RandomMap(32, 32))];
        display(new LineChart(curves) { XTitle = "Share of pixels taken away", YTitle = "Probability of the class" });
    }
}

using AttentionLab.Evaluate;
using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Evaluate;

internal sealed class RandomiseTheNetwork : Recipe
{
    public override string Name => "Randomise the network";

    public override string Sentence =>
        "Randomises layer after layer, the last first: a map that stays the same does not depend on what was learned.";

    protected override void Execute()
    {
        LineSeries Cascade(ExplanationMethod method)
        {
            EvaluationTrial trial = EvaluationTrial.Of(method, model, input)[0];
            IReadOnlyList<RandomizationStep> steps = new ModelRandomization().CascadeOf(trial);
            return new LineSeries(method.Name, [.. steps.Select(step => step.Similarities.Average())]);
        }

        LineSeries[] cascades = [Cascade(new GradCam()), Cascade(new GuidedBackpropagation())];
        display(new LineChart(cascades) { XTitle = "Layers randomised", YTitle = "Rank correlation with the first map" });
    }
}

using AttentionLab.Figures;
using AttentionLab.Training;

namespace AttentionLab.Cookbook.Evaluate;

internal sealed class HowSureIsTheNetwork : Recipe
{
    public override string Name => "How sure the network is";

    public override string Sentence => "Draws the probabilities of all classes for one picture.";

    protected override void Execute()
    {
        Evaluation result = Evaluation.Of(model, data.Test.Take(1), data.Normalization);
        double[] probabilities = [.. result.Probabilities.Cast<float>().Select(value => (double)value)];

        display(new BarChart(probabilities) { Labels = data.ClassNames, YTitle = "Probability" });
    }
}

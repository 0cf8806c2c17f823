using AttentionLab.Figures;
using AttentionLab.Training;

namespace AttentionLab.Cookbook.Evaluate;

internal sealed class ConfusedClasses : Recipe
{
    public override string Name => "Confused classes";

    public override string Sentence => "Counts how often each class is taken for each other one.";

    protected override void Execute()
    {
        Evaluation result = Evaluation.Of(model, data.Test, data.Normalization);
        int right = Enumerable.Range(0, data.ClassNames.Count).Sum(label => result.ConfusionMatrix[label, label]);

        display(ConfusionMatrixChart.Of(result));
        display($"{right} of {data.Test.Count} on the diagonal");
    }
}

using AttentionLab.Training;

namespace AttentionLab.Cookbook.Evaluate;

internal sealed class AccuracyOfEachClass : Recipe
{
    public override string Name => "Accuracy of each class";

    public override string Sentence => "Tests a network and lists precision, recall and F1 of every class.";

    protected override void Execute()
    {
        Evaluation result = Evaluation.Of(model, data.Test, data.Normalization);

        display($"accuracy {100 * result.Accuracy:f1} %, loss {result.Loss:f3}");
        display(result.PerClass);
    }
}

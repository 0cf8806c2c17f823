using AttentionLab.Figures;
using AttentionLab.Training;

namespace AttentionLab.Cookbook.Evaluate;

internal sealed class MostConfidentMistakes : Recipe
{
    public override string Name => "The most confident mistakes";

    public override string Sentence => "Shows the wrong answers of which a network is surest.";

    protected override void Execute()
    {
        Evaluation result = Evaluation.Of(model, data.Test, data.Normalization);
        Misclassification[] worst = [.. result.Misclassified.Take(4)];
        string Caption(Misclassification wrong) =>
            $"{data.ClassNames[wrong.TrueClass]}\nnamed {data.ClassNames[wrong.PredictedClass]}";

        display(new ImageGrid([.. worst.Select(wrong => data.Test.PictureOf(wrong.Picture))], [.. worst.Select(Caption)]));
    }
}

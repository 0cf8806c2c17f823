using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Methods;

internal sealed class ExplainAnotherClass : Recipe
{
    public override string Name => "Explain another class";

    public override string Sentence => "Asks where the network sees a class of your choice, predicted or not.";

    protected override void Execute()
    {
        int star = data.ClassNames.ToList().IndexOf("star");
        var options = new ExplanationOptions { Target = Target.Class(star) };
        Explanation predicted = new GradCam().Explain(model, input).Single();
        Explanation other = new GradCam().Explain(model, input, options).Single();

        display(new MethodGrid(["predicted class", "star"], ImageWithMaps.Of(data.Test, [0, 1, 2], predicted, other)));
    }
}

using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Imaging;
using AttentionLab.Models;

namespace AttentionLab.Cookbook.Methods;

internal sealed class WhyThisAndNotThat : Recipe
{
    public override string Name => "Why this class and not that";

    public override string Sentence =>
        "Explains the difference of two classes' scores: what speaks for the first against the second.";

    protected override void Execute()
    {
        IReadOnlyList<ClassProbability> best = network.Predict(picture).Top(2);
        var options = new ExplanationOptions { Target = Target.Difference(best[0].Index, best[1].Index) };
        Explanation contrast = new IntegratedGradients().Explain(network, picture, options);

        display($"{best[0].Name} and not {best[1].Name}");
        display(
            new FeatureMapGrid(contrast.Maps)
            {
                ColorMap = ColorMap.Diverging,
                Scale = MapScale.Symmetric,
                TileSize = 240,
            }
        );
    }
}

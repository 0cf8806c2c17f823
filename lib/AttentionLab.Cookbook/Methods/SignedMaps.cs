using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Imaging;

namespace AttentionLab.Cookbook.Methods;

internal sealed class SignedMaps : Recipe
{
    public override string Name => "Signed maps";

    public override string Sentence =>
        "Shows what speaks for a class and what against it, with zero in the middle of the colours.";

    protected override void Execute()
    {
        Explanation explanation = new IntegratedGradients { Steps = 32 }
            .Explain(model, input)
            .Single();
        var figure = new FeatureMapGrid(explanation.Maps)
        {
            ColorMap = ColorMap.Diverging,
            Scale = MapScale.Symmetric,
            TileSize = 120,
        };

        display(figure);
    }
}

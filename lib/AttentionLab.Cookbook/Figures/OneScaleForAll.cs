using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Figures;

internal sealed class OneScaleForAll : Recipe
{
    public override string Name => "One scale for all";

    public override string Sentence => "Gives all maps the same colours for the same values, so that they can be compared.";

    protected override void Execute()
    {
        Explanation explanation = new GradCam().Explain(model, input).Single();
        FeatureMapGrid Maps(MapScale scale) =>
            new(explanation.Maps)
            {
                Scale = scale,
                Title = $"{scale} scale",
                TileSize = 96,
            };

        display(Maps(MapScale.Own));
        display(Maps(MapScale.Common));
    }
}

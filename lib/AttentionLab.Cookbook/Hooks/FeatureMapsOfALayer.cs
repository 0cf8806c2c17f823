using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Hooks;

internal sealed class FeatureMapsOfALayer : Recipe
{
    public override string Name => "Feature maps of a layer";

    public override string Sentence => "Shows each channel that a layer outputs as a small map.";

    protected override void Execute()
    {
        LayerActivations seen = LayerActivations.Of(model, input, "conv1");

        display(
            new FeatureMapGrid(FeatureMaps.Of(seen["conv1"], picture: 0))
            {
                Columns = 8,
                TileSize = 56,
                Title = "conv1",
            }
        );
    }
}

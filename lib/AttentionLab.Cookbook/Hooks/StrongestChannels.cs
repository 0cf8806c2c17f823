using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Hooks;

internal sealed class StrongestChannels : Recipe
{
    public override string Name => "The strongest channels";

    public override string Sentence =>
        "Lays the channels with the highest mean activation over the picture, as the tutorial does.";

    protected override void Execute()
    {
        LayerActivations seen = LayerActivations.Of(model, input, "conv3");

        MapPanel[] top =
        [
            .. FeatureMaps
                .Top(seen["conv3"], top: 3)
                .Select(c => new MapPanel(c.ToHeatMap(32, 32)) { Channel = c.Channel, Mean = c.Mean }),
        ];
        display(new HeatMapPanels(new ImageWithMaps(picture, data.Test[0].ClassName, network.Predict(picture).Best.Name, top)));
    }
}

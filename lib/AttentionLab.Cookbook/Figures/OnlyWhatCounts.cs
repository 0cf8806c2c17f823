using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Figures;

internal sealed class OnlyWhatCounts : Recipe
{
    public override string Name => "Only what counts";

    public override string Sentence => "Dims all pixels at which the map is below a threshold.";

    protected override void Execute()
    {
        Heatmap map = new GradCam().Explain(network, picture).ToHeatMap(0);
        var figure = new MapOverlay(picture, map) { Threshold = 0.5, Title = "Where the map reaches half of its range" };

        display(figure);
    }
}

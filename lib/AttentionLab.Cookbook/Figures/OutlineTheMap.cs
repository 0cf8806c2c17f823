using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Figures;

internal sealed class OutlineTheMap : Recipe
{
    public override string Name => "Outline the map";

    public override string Sentence => "Draws contours where the map reaches certain values, in place of much colour.";

    protected override void Execute()
    {
        Heatmap map = new GradCam().Explain(network, picture).ToHeatMap(0);

        display(
            new MapOverlay(picture, map)
            {
                Contours = [0.25, 0.5, 0.75],
                Opacity = 0.15,
                Title = "Contours at 0.25, 0.5 and 0.75",
            }
        );
    }
}

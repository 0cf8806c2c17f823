using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Imaging;

namespace AttentionLab.Cookbook.Figures;

internal sealed class ChooseColours : Recipe
{
    public override string Name => "Choose colours";

    public override string Sentence => "Draws the same map in every colour map of the library.";

    protected override void Execute()
    {
        Heatmap map = new GradCam().Explain(network, picture).ToHeatMap(0);
        ColorMap[] colours = [ColorMap.Jet, ColorMap.Viridis, ColorMap.Grays, ColorMap.Diverging];

        display(
            new ImageGrid([.. colours.Select(colour => map.ToImage(colour))], [.. colours.Select(colour => colour.Name)])
            {
                TileSize = 96,
            }
        );
    }
}

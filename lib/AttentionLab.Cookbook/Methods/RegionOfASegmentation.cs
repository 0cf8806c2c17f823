using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Cookbook.Methods;

internal sealed class RegionOfASegmentation : Recipe
{
    public override string Name => "Region of a segmentation";

    public override string Sentence => "Asks a network that labels pixels what its answer for a region rests on.";

    protected override void Execute()
    {
        var segmentation = nn.Sequential(("near", nn.AvgPool2d(7, stride: 1, padding: 3)), ("classes", nn.Conv2d(3, 4, 1)));
        var region = new bool[32, 32];
        for (int pixel = 0; pixel < 64; pixel++)
        {
            region[12 + (pixel / 8), 12 + (pixel % 8)] = true;
        }

        Readout square = Readout.OfRegion(segmentation, region);
        Explanation map = new Gradients().Explain(square, input[..1], new() { Target = Target.Class(2) }).Single();
        display(new FeatureMapGrid(map.Maps) { TileSize = 240 });
    }
}

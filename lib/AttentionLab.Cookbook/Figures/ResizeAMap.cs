using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Imaging;

namespace AttentionLab.Cookbook.Figures;

internal sealed class ResizeAMap : Recipe
{
    public override string Name => "Resize a map";

    public override string Sentence => "Enlarges a map bilinearly, or as the tutorial does, by a spline from corner to corner.";

    protected override void Execute()
    {
        Heatmap small = new GradCam().Explain(network, picture)[0].MinMax();
        Heatmap[] maps = [small, small.Resize(32, 32), small.ResizeCornerAligned(32, 32)];

        display(
            new ImageGrid(
                [.. maps.Select(map => map.ToImage(ColorMap.Viridis))],
                [$"{small.Height}×{small.Width}", "bilinear", "tutorial's spline"]
            )
            {
                TileSize = 128,
            }
        );
    }
}

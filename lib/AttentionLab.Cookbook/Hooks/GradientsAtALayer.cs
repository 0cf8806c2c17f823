using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Imaging;

namespace AttentionLab.Cookbook.Hooks;

internal sealed class GradientsAtALayer : Recipe
{
    public override string Name => "Gradients at a layer";

    public override string Sentence =>
        "Runs forward and backward and keeps a layer's output together with the gradient of a score.";

    protected override void Execute()
    {
        using (var extractor = new ActivationExtractor(model, "conv3"))
        using (LayerActivations seen = extractor.RunWithGradients(input, logits => logits.max(1).values))
        {
            Heatmap[] maps = [.. FeatureMaps.Of(seen.GradientOf("conv3")).Take(16)];
            display(new FeatureMapGrid(maps) { ColorMap = ColorMap.Diverging, Scale = MapScale.Symmetric });
        }
    }
}

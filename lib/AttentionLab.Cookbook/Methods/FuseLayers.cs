using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Methods;

internal sealed class FuseLayers : Recipe
{
    public override string Name => "Fuse layers";

    public override string Sentence => "Joins the maps of several layers into one, the mean of the enlarged maps.";

    protected override void Execute()
    {
        var options = new ExplanationOptions { Layers = ["relu2", "relu3"] };
        IReadOnlyList<Explanation> layers = new LayerCam().Explain(model, input, options);
        Explanation fused = Explanation.Fuse(layers);

        display(HeatMapPanels.Of(data.Test, [0, 1, 2], [.. layers, fused]));
    }
}

using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Methods;

internal sealed class LayersSideBySide : Recipe
{
    public override string Name => "Layers side by side";

    public override string Sentence => "Takes the map at several layers: early ones are fine, late ones are coarse.";

    protected override void Execute()
    {
        var options = new ExplanationOptions { Layers = ["relu1", "relu2", "relu3"] };
        IReadOnlyList<Explanation> layers = new LayerCam().Explain(model, input, options);

        display(HeatMapPanels.Of(data.Test, [0, 1, 2], layers));
    }
}

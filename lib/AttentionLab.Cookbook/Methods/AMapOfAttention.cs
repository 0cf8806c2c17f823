using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Methods;

internal sealed class AMapOfAttention : Recipe
{
    public override string Name => "A map of attention";

    public override string Sentence => "Weighs the channels at each attention block by the factors that the block gives them.";

    protected override void Execute()
    {
        var method = new SqueezeExcitationMap();
        IReadOnlyList<Explanation> blocks = method.Explain(model, input);

        display(HeatMapPanels.Of(data.Test, [0, 1, 2], blocks));
    }
}

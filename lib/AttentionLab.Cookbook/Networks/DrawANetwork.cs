using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Networks;

internal sealed class DrawANetwork : Recipe
{
    public override string Name => "Draw a network";

    public override string Sentence => "Draws the shapes that a picture passes through, as a hook at each layer sees them.";

    protected override void Execute()
    {
        string[] layers = ["conv1", "pool1", "conv2", "pool2", "conv3", "pool3"];
        LayerActivations seen = LayerActivations.Of(model, input, layers);

        DiagramLayer[] boxes = [.. layers.Select(layer => new DiagramLayer(layer, layer[..^1], seen[layer].shape[1..]))];
        display(new NetworkDiagram([new DiagramLayer("picture", "input", 3, 32, 32), .. boxes]));
    }
}

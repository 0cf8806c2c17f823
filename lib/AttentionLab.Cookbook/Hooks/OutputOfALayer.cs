using AttentionLab.Explain;

namespace AttentionLab.Cookbook.Hooks;

internal sealed class OutputOfALayer : Recipe
{
    public override string Name => "The output of a layer";

    public override string Sentence => "Runs a network and keeps what layers output, by name or by pattern, as plain numbers.";

    protected override void Execute()
    {
        LayerActivations seen = LayerActivations.Of(model, input, "conv3", "ca?.fc");

        float[] numbers = seen.ToArray("conv3");
        display(seen.Select(layer => $"{layer.Key}: {string.Join("×", layer.Value.shape)}"));
        display($"{numbers.Length} numbers of conv3, the largest {numbers.Max():f2}");
    }
}

using AttentionLab.Explain;

namespace AttentionLab.Cookbook.Hooks;

internal sealed class EveryLayer : Recipe
{
    public override string Name => "Every layer";

    public override string Sentence => "Lists the layers of a network under the names that hooks and methods take.";

    protected override void Execute()
    {
        IReadOnlyList<string> layers = ActivationExtractor.LayersOf(model);

        display($"{layers.Count} layers");
        display(layers.Chunk(8).Select(some => string.Join(", ", some)));
    }
}

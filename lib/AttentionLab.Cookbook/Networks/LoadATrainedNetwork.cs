namespace AttentionLab.Cookbook.Networks;

internal sealed class LoadATrainedNetwork : Recipe
{
    public override string Name => "Load a trained network";

    public override string Sentence => "Loads a network with its class names and preprocessing, which its file keeps.";

    protected override void Execute()
    {
        display(network);
        display($"It takes pictures of {network.Preprocessing.Height}×{network.Preprocessing.Width}.");
        display(
            $"Its {network.Module.GetType().Name} has {network.Module.parameters().Sum(weights => weights.numel()):N0} weights."
        );
    }
}

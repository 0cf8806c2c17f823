using AttentionLab.Explain;
using AttentionLab.Figures;
using static TorchSharp.torch;

namespace AttentionLab.Cookbook.Hooks;

internal sealed class AttentionWeights : Recipe
{
    public override string Name => "Attention weights";

    public override string Sentence =>
        "Shows by what factor each attention block multiplies each channel, for one picture of each class.";

    protected override void Execute()
    {
        int[] one = [.. Enumerable.Range(0, data.ClassNames.Count).Select(label => data.Test.IndicesOf(label)[0])];
        Tensor pictures = network.ToInput([.. one.Select(data.Test.PictureOf)]);
        IReadOnlyList<ChannelWeights> weights = ChannelWeights.Of(model, pictures);

        display(
            new ChannelWeightMatrix(data.ClassNames, [.. weights.Select(block => new WeightBlock(block.Block, block.Values))])
        );
    }
}

using AttentionLab.Models;

namespace AttentionLab.Cookbook.Networks;

internal sealed class OtherAttention : Recipe
{
    public override string Name => "A residual network with other attention";

    public override string Sentence => "Builds the residual network with CBAM, ECA or squeeze-and-excitation in its blocks.";

    protected override void Execute()
    {
        var cbam = new SeResNet(classes: 10, depth: 20, channels => new Cbam(channels), seed: 0);
        var eca = new SeResNet(classes: 10, depth: 20, channels => new EfficientChannelAttention(channels), seed: 0);
        var se = new SeResNet(classes: 10, depth: 20, channels => new ChannelAttention(channels), seed: 0);

        foreach (SeResNet each in new[] { cbam, eca, se })
        {
            string attention = ((SeResNetBlock)each.layer1.children().First()).se.GetType().Name;
            display($"{attention}: {each.parameters().Sum(weights => weights.numel()):N0} weights");
        }
    }
}

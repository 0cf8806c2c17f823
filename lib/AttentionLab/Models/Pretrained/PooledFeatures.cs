using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>A network that ends in pooled features N×C×1×1, as N×C.</summary>
internal sealed class PooledFeatures : nn.Module<Tensor, Tensor>
{
#pragma warning disable IDE1006 // the layers' paths begin with it
    private readonly nn.Module<Tensor, Tensor> backbone;
#pragma warning restore IDE1006

    public PooledFeatures(nn.Module<Tensor, Tensor> network)
        : base(nameof(PooledFeatures))
    {
        backbone = network;
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using Tensor features = backbone.call(input);
        return features.flatten(1);
    }
}

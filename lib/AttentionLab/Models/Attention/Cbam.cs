using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>
/// CBAM, the convolutional block attention module: which channels matter, then which places. Input and output N×C×H×W.
/// </summary>
/// <remarks>
/// <see href="https://arxiv.org/abs/1807.06521">Woo et al., "CBAM: Convolutional Block Attention Module", ECCV 2018</see>,
/// equation 1: channels first, as the paper found better.
/// </remarks>
public sealed class Cbam : Module<Tensor, Tensor>
{
    /// <summary>Weighs channels.</summary>
    public readonly MeanMaxChannelAttention channel;

    /// <summary>Weighs places.</summary>
    public readonly SpatialAttention spatial;

    /// <summary>Builds the module, with PyTorch's initial weights.</summary>
    /// <param name="channels">C.</param>
    /// <param name="reduction">How much narrower the channel attention's hidden layer is.</param>
    /// <param name="kernelSize">Side of the spatial attention's convolution, odd.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive, no hidden unit is left, or the side is
    /// even.</exception>
    public Cbam(int channels, int reduction = 16, int kernelSize = 7)
        : base(nameof(Cbam))
    {
        channel = new MeanMaxChannelAttention(channels, reduction);
        spatial = new SpatialAttention(kernelSize);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return spatial.call(channel.call(input)).MoveToOuterDisposeScope();
    }
}

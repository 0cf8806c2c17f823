using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>
/// CBAM's spatial attention: each place is weighed by a number in (0, 1), computed by one convolution from the mean and the
/// largest value over the channels at the places around it. Input and output N×C×H×W.
/// </summary>
/// <remarks>
/// <para>$w = σ(\operatorname{conv}([\operatorname{mean}ₖ\,xₖ, \maxₖ\,xₖ]))$ over the channels k.</para>
/// <para><see href="https://arxiv.org/abs/1807.06521">Woo et al., "CBAM: Convolutional Block Attention Module", ECCV
/// 2018</see>, equation 3; without BatchNorm, as there (the authors' code has one).</para>
/// </remarks>
public sealed class SpatialAttention : Module<Tensor, Tensor>
{
    /// <summary>From mean and largest value, 2 channels, to 1; no bias.</summary>
    public readonly Conv2d conv;

    /// <summary>Puts the weights out, N×1×H×W: a heat map that the network made for itself.</summary>
    public readonly Sigmoid sigmoid;

    /// <summary>Builds the module, with PyTorch's initial weights.</summary>
    /// <param name="kernelSize">Side of the convolution, odd; the paper found 7 better than 3.</param>
    /// <exception cref="ArgumentOutOfRangeException">The side is not positive, or even.</exception>
    public SpatialAttention(int kernelSize = 7)
        : base(nameof(SpatialAttention))
    {
        if (kernelSize <= 0 || kernelSize % 2 == 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(kernelSize),
                kernelSize,
                "As many neighbours on either side and the place itself make an odd kernel: 3, 5, 7, …"
            );
        }

        conv = InitialWeights.Of(() => Conv2d(2, 1, kernel_size: kernelSize, padding: kernelSize / 2, bias: false));
        sigmoid = Sigmoid();
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();

        // N×2×H×W in channels-last order: in the other order oneDNN's gradients are wrong where the output channels, here one,
        // are not a multiple of 16.
        Tensor squeezed = stack([input.mean([1]), input.amax([1])], -1).permute(0, 3, 1, 2);
        return (input * sigmoid.call(conv.call(squeezed))).MoveToOuterDisposeScope();
    }
}

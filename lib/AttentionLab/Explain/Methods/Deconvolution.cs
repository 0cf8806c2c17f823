using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Deconvolution: the gradient of the score with respect to the picture, except that each ReLU passes back the positive part of
/// the gradient whatever its own input was. Two forward passes, and a backward pass in as many pieces as there are ReLUs.
/// </summary>
/// <remarks>
/// <para>At each ReLU a with input z the gradient that is passed back is $\max(0, ∂y/∂a(z))$; max-pooling passes it to the place
/// of the maximum, as in the gradient.</para>
/// <para><see href="https://arxiv.org/abs/1311.2901">Zeiler, Fergus, "Visualizing and understanding convolutional networks",
/// ECCV 2014</see>, section 2.1, here from a class's score instead of one feature. ReLU's relatives have the same rule.</para>
/// </remarks>
public sealed class Deconvolution : RectifierMethod
{
    /// <inheritdoc/>
    public override string Name => "deconvolution";

    private protected override Tensor Rule(LayerUse use, Tensor gradient) => gradient.relu();
}

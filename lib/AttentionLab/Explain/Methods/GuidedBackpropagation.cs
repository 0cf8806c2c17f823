using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Guided backpropagation: gradients of which every ReLU passes back only the positive part. Its maps are sharp, but depend little
/// on the model's upper layers. Two forward passes, and a backward pass in as many pieces as there are ReLUs.
/// </summary>
/// <remarks>
/// <para>At each ReLU a with input z the gradient that is passed back is $a'(z)·\max(0, ∂y/∂a(z))$: where $z > 0$ what is
/// positive of it, and 0 elsewhere.</para>
/// <para><see href="https://arxiv.org/abs/1412.6806">Springenberg et al., "Striving for simplicity: The all convolutional
/// net", 2014</see>. The same formula serves ReLU's relatives (ReLU6, LeakyReLU, ELU, GELU, SiLU, Hardswish, Mish and the
/// like), of which the paper does not speak. The check it fails: <see href="https://arxiv.org/abs/1810.03292">Adebayo et al.,
/// "Sanity checks for saliency maps", NeurIPS 2018</see>.</para>
/// </remarks>
public sealed class GuidedBackpropagation : RectifierMethod
{
    /// <inheritdoc/>
    public override string Name => "guided-backpropagation";

    private protected override Tensor Rule(LayerUse use, Tensor gradient) => use.Backward(gradient.relu());
}

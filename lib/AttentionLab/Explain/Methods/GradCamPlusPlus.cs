using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Grad-CAM++: a channel counts by its positive gradients, weighed so that each of several occurrences of the object counts
/// alike. One forward and one backward pass.
/// </summary>
/// <remarks>
/// <para>$L = \max(0, ∑ₖ wₖ·Aₖ)$ with $wₖ = ∑ᵢⱼ αₖᵢⱼ·\max(0, gₖᵢⱼ)$, $αₖᵢⱼ = 1 / (2 + gₖᵢⱼ·∑ Aₖ)$ and $g = ∂y/∂A$.</para>
/// <para><see href="https://arxiv.org/abs/1710.11063">Chattopadhay et al., "Grad-CAM++: Generalized gradient-based visual
/// explanations for deep convolutional networks", WACV 2018</see>, equations 5, 10 and 19, for the exponential of the score
/// y. Its derivatives are $e^y·g$, $e^y·g²$ and $e^y·g³$, so that $α = g² / (2·g² + g³·∑A) = 1 / (2 + g·∑A)$. The factor
/// $e^y$ of the whole map is left out: it would overflow. Where the denominator's parts cancel but for the rounding of the
/// activations, α is 0: there is nothing to divide by.</para>
/// </remarks>
public sealed class GradCamPlusPlus : ClassActivationMap
{
    /// <inheritdoc/>
    public override string Name => "grad-cam++";

    /// <inheritdoc/>
    protected override Tensor Weights(Tensor activation, Tensor gradient)
    {
        Tensor a = activation.InDouble(),
            g = gradient.InDouble();
        Tensor denominator = 2 + (a.sum([2, 3], keepdim: true) * g),
            parts = 2 + (a.abs().sum([2, 3], keepdim: true) * g.abs()),
            noise = Rounding.Of(a.shape[2] * a.shape[3], activation.dtype) * parts;
        Tensor alpha = where(denominator.abs() <= noise, zeros_like(denominator), 1 / denominator);
        return (alpha * g.relu()).sum([2, 3], keepdim: true);
    }
}

using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Grad-CAM++: a channel counts by its positive gradients, weighed so that each of several occurrences of the object counts
/// alike. One forward and one backward pass.
/// </summary>
/// <remarks>
/// Chattopadhay et al., "Grad-CAM++: Generalized gradient-based visual explanations for deep convolutional networks", WACV 2018,
/// equations 5, 10 and 19, for the exponential of the score y. Its derivatives are exp(y)·g, exp(y)·g² and exp(y)·g³ with g =
/// ∂y/∂A, so that α = g² / (2·g² + ΣA·g³) = 1 / (2 + ΣA·g). The factor exp(y) of the whole map is left out: it would overflow.
/// Where the denominator's parts cancel but for the rounding of the activations, α is 0: there is nothing to divide by.
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

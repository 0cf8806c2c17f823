using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Grad-CAM++: a channel counts by its positive gradients, weighed so that each of several occurrences of the object counts alike. One forward and
/// one backward pass.
/// </summary>
/// <remarks>
/// Chattopadhay et al., "Grad-CAM++: Generalized gradient-based visual explanations for deep convolutional networks", WACV 2018, equations 5, 10
/// and 19, for the exponential of the score y. Its second and third derivatives are then exp(y)·g² and exp(y)·g³ (g = ∂y/∂A), exp(y) cancels in α,
/// and as a factor of the whole map it is left out: it would overflow.
/// </remarks>
public sealed class GradCamPlusPlus : ClassActivationMap
{
    /// <inheritdoc/>
    public override string Name => "grad-cam++";

    /// <inheritdoc/>
    protected override Tensor Weights(Tensor activation, Tensor gradient)
    {
        Tensor g = gradient.to(ScalarType.Float64), square = g * g; // the denominator's parts may cancel
        Tensor denominator = (2 * square) + (activation.to(ScalarType.Float64).sum([2, 3], keepdim: true) * square * g);
        Tensor alpha = where(denominator == 0, zeros_like(denominator), square / denominator);
        return (alpha * g.relu()).sum([2, 3], keepdim: true).to(gradient.dtype);
    }
}

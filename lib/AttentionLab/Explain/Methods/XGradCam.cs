using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// XGrad-CAM: a channel counts by the mean of its gradient, weighed by where the channel is active, so that the map's sum comes
/// nearest to the score. Meant for layers after a ReLU. One forward and one backward pass.
/// </summary>
/// <remarks>
/// <para>$L = ∑ₖ wₖ·Aₖ$ with $wₖ = ∑ᵢⱼ Aₖᵢⱼ·(∂y/∂Aₖᵢⱼ) / ∑ᵢⱼ Aₖᵢⱼ$: Aₖ is the layer's channel k, y the score.</para>
/// <para><see href="https://arxiv.org/abs/2008.02312">Fu et al., "Axiom-based Grad-CAM: Towards accurate visualization and
/// explanation of CNNs", BMVC 2020</see>. The map is signed as in the paper, whose axiom of conservation a cut would break;
/// the authors' published code and pytorch-grad-cam cut it at zero to show it (<see cref="ClassActivationMap.Rectify"/>), and
/// add 1e-6 or so to the denominator. Here a channel whose activations add up to zero but for their rounding has no weight:
/// before a ReLU they may cancel, and the quotient would be noise.</para>
/// </remarks>
public sealed class XGradCam : ClassActivationMap
{
    /// <summary>A signed map.</summary>
    public XGradCam() => Rectify = false;

    /// <inheritdoc/>
    public override string Name => "xgrad-cam";

    /// <inheritdoc/>
    protected override Tensor Weights(Tensor activation, Tensor gradient)
    {
        Tensor a = activation.InDouble();
        Tensor total = a.sum([2, 3], keepdim: true),
            noise = Rounding.Of(a.shape[2] * a.shape[3], activation.dtype) * a.abs().sum([2, 3], keepdim: true),
            weighted = (a * gradient.InDouble()).sum([2, 3], keepdim: true);
        return where(total.abs() <= noise, zeros_like(total), weighted / total);
    }
}

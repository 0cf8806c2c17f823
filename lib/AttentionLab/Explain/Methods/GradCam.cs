using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>Grad-CAM: a channel counts by the spatial mean of its gradient. One forward and one backward pass.</summary>
/// <remarks>
/// <para>$L = \max(0, ∑ₖ wₖ·Aₖ)$ with $wₖ = ∑ᵢⱼ (∂y/∂Aₖᵢⱼ) / (h·w)$: Aₖ is the layer's channel k of h × w places, y the
/// score.</para>
/// <para><see href="https://arxiv.org/abs/1610.02391">Selvaraju et al., "Grad-CAM: Visual explanations from deep networks via
/// gradient-based localization", ICCV 2017</see>, equations 1 and 2.</para>
/// </remarks>
public sealed class GradCam : ClassActivationMap
{
    /// <inheritdoc/>
    public override string Name => "grad-cam";

    /// <inheritdoc/>
    protected override Tensor Weights(Tensor activation, Tensor gradient) => gradient.InDouble().mean([2, 3], keepdim: true);
}

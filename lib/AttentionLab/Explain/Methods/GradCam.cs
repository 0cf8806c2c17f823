using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>Grad-CAM: a channel counts by the spatial mean of its gradient. One forward and one backward pass.</summary>
/// <remarks>
/// Selvaraju et al., "Grad-CAM: Visual explanations from deep networks via gradient-based localization", ICCV 2017, equations 1
/// and 2.
/// </remarks>
public sealed class GradCam : ClassActivationMap
{
    /// <inheritdoc/>
    public override string Name => "grad-cam";

    /// <inheritdoc/>
    protected override Tensor Weights(Tensor activation, Tensor gradient) => gradient.InDouble().mean([2, 3], keepdim: true);
}

using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Layer-CAM: each place of each channel counts by its own gradient where that is positive. One forward and one backward pass.
/// </summary>
/// <remarks>
/// <para>$L = \max(0, ∑ₖ \max(0, ∂y/∂Aₖ) ⊙ Aₖ)$, Aₖ the layer's channel k, y the score.</para>
/// <para><see href="https://doi.org/10.1109/TIP.2021.3089943">Jiang et al., "LayerCAM: Exploring hierarchical class
/// activation maps for localization", IEEE TIP 30, 2021</see>, equations 6 to 8.</para>
/// </remarks>
public sealed class LayerCam : ClassActivationMap
{
    /// <inheritdoc/>
    public override string Name => "layer-cam";

    /// <inheritdoc/>
    protected override Tensor Weights(Tensor activation, Tensor gradient) => gradient.relu();
}

using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Layer-CAM: each place of each channel counts by its own gradient where that is positive. One forward and one backward pass.
/// </summary>
/// <remarks>
/// Jiang et al., "LayerCAM: Exploring hierarchical class activation maps for localization", IEEE TIP 30, 2021, equations 6 to 8.
/// </remarks>
public sealed class LayerCam : ClassActivationMap
{
    /// <inheritdoc/>
    public override string Name => "layer-cam";

    /// <inheritdoc/>
    protected override Tensor Weights(Tensor activation, Tensor gradient) => gradient.relu();
}

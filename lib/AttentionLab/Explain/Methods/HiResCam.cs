using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// HiResCAM: each place of each channel counts by its own gradient, so that the map shows only places that the score depends on.
/// One forward and one backward pass.
/// </summary>
/// <remarks>
/// Draelos, Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural networks", 2020. The
/// paper's sum is signed, and cut at zero to be shown; here it is cut as in the rest of the family, unless
/// <see cref="ClassActivationMap.Rectify"/> is false.
/// </remarks>
public sealed class HiResCam : ClassActivationMap
{
    /// <inheritdoc/>
    public override string Name => "hires-cam";

    /// <inheritdoc/>
    protected override Tensor Weights(Tensor activation, Tensor gradient) => gradient;
}

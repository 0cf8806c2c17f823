using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// HiResCAM: each place of each channel counts by its own gradient, so that the map shows only places that the score depends on.
/// One forward and one backward pass.
/// </summary>
/// <remarks>
/// <para>$L = \max(0, ∑ₖ Aₖ ⊙ ∂y/∂Aₖ)$, Aₖ the layer's channel k, y the score.</para>
/// <para><see href="https://arxiv.org/abs/2011.08891">Draelos, Carin, "Use HiResCAM instead of Grad-CAM for faithful
/// explanations of convolutional neural networks", 2020</see>. The paper's sum is signed, and cut at zero to be shown; here
/// it is cut as in the rest of the family, unless <see cref="ClassActivationMap.Rectify"/> is false.</para>
/// </remarks>
public sealed class HiResCam : ClassActivationMap
{
    /// <inheritdoc/>
    public override string Name => "hires-cam";

    /// <inheritdoc/>
    protected override Tensor Weights(Tensor activation, Tensor gradient) => gradient;
}

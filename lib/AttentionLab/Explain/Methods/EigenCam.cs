using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Eigen-CAM: the layer's places projected onto the direction in which its channels vary most. Signed. One forward pass; the
/// target plays no part.
/// </summary>
/// <remarks>
/// <para>$L = ∑ₖ vₖ·Aₖ$, v the first right singular vector of the activations A as a matrix of places × channels.</para>
/// <para><see href="https://arxiv.org/abs/2008.00299">Muhammad, Yeasin, "Eigen-CAM: Class activation map using principal
/// components", IJCNN 2020</see>. The activations are not centred, as there (pytorch-grad-cam centres them first). The sign,
/// which the definition leaves open, is the one that agrees with the sum of the channels.</para>
/// </remarks>
public sealed class EigenCam : LayerMethod
{
    /// <inheritdoc/>
    public override string Name => "eigen-cam";

    /// <inheritdoc/>
    protected override bool NeedsGradients => false;

    /// <inheritdoc/>
    protected override Tensor MapOf(ExplanationPass pass, string layer) => PrincipalMap.Of(pass.Activations[layer]);
}

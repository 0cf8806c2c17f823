using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Eigen-CAM: the layer's places projected onto the direction in which its channels vary most. Signed. One forward pass; the
/// target plays no part.
/// </summary>
/// <remarks>
/// Muhammad, Yeasin, "Eigen-CAM: Class activation map using principal components", IJCNN 2020. The activations are not centred,
/// as there (pytorch-grad-cam centres them first). The sign, which the definition leaves open, is the one that agrees with the
/// sum of the channels.
/// </remarks>
public sealed class EigenCam : LayerMethod
{
    /// <inheritdoc/>
    public override string Name => "eigen-cam";

    private protected override bool NeedsGradients => false;

    private protected override Tensor MapOf(ExplanationPass pass, string layer) => PrincipalMap.Of(pass.Activations[layer]);
}

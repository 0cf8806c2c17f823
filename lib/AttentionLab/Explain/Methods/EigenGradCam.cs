using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Eigen-CAM of gradient × activation, so that the target plays its part. Signed. One forward and one backward pass.
/// </summary>
/// <remarks>
/// No paper: pytorch-grad-cam's variant of Eigen-CAM, here not centred, like <see cref="EigenCam"/>. The sign is the one that
/// agrees with HiResCAM.
/// </remarks>
public sealed class EigenGradCam : LayerMethod
{
    /// <inheritdoc/>
    public override string Name => "eigen-grad-cam";

    private protected override bool NeedsGradients => true;

    private protected override Tensor MapOf(ExplanationPass pass, string layer)
    {
        using DisposeScope scope = NewDisposeScope();
        return PrincipalMap
            .Of(pass.Activations[layer].InDouble() * pass.Activations.GradientOf(layer).InDouble())
            .MoveToOuterDisposeScope();
    }
}

using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Eigen-CAM of gradient × activation, so that the target plays its part. Signed. One forward and one backward pass.
/// </summary>
/// <remarks>
/// <para>$L = ∑ₖ vₖ·Gₖ$ with $G = A ⊙ ∂y/∂A$, v the first right singular vector of G as a matrix of places × channels.</para>
/// <para>No paper describes it: it is the variant of Eigen-CAM in
/// <see href="https://github.com/jacobgil/pytorch-grad-cam">pytorch-grad-cam</see>, here not centred, like
/// <see cref="EigenCam"/>. The sign is the one that agrees with HiResCAM.</para>
/// </remarks>
public sealed class EigenGradCam : LayerMethod
{
    /// <inheritdoc/>
    public override string Name => "eigen-grad-cam";

    /// <inheritdoc/>
    protected override bool NeedsGradients => true;

    /// <inheritdoc/>
    protected override Tensor MapOf(ExplanationPass pass, string layer)
    {
        using DisposeScope scope = NewDisposeScope();
        return PrincipalMap
            .Of(pass.Activations[layer].InDouble() * pass.Activations.GradientOf(layer).InDouble())
            .MoveToOuterDisposeScope();
    }
}

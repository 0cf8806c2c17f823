using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// The family of Grad-CAM: a map is the sum of a layer's channels, each weighed by what the score's gradient says of it. A method
/// says only how.
/// </summary>
/// <remarks>
/// <para>$L = \max(0, ∑ₖ wₖ·Aₖ)$, Aₖ the layer's channel k: <see cref="Weights"/> gives w.</para>
/// <para>The idea: <see href="https://arxiv.org/abs/1512.04150">Zhou et al., "Learning deep features for discriminative
/// localization", CVPR 2016</see>.</para>
/// </remarks>
public abstract class ClassActivationMap : LayerMethod
{
    /// <summary>
    /// Whether the map is cut at zero, where the layer speaks against the target. As the method's definition has it, unless said
    /// otherwise.
    /// </summary>
    public bool Rectify { get; init; } = true;

    /// <inheritdoc/>
    protected sealed override bool NeedsGradients => true;

    /// <summary>How much each channel counts.</summary>
    /// <param name="activation">What the layer output, A: N×C×h×w.</param>
    /// <param name="gradient">The score's gradient with respect to it, ∂y/∂A: N×C×h×w.</param>
    /// <returns>N×C×1×1 for one weight a channel, N×C×h×w for one at each place.</returns>
    protected abstract Tensor Weights(Tensor activation, Tensor gradient);

    /// <inheritdoc/>
    protected sealed override Tensor MapOf(ExplanationPass pass, string layer)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor activation = pass.Activations[layer];
        Tensor weights = Weights(activation, pass.Activations.GradientOf(layer));
        CheckShape(weights, [.. activation.shape[..2], 1, 1], activation.shape);
        Tensor map = (weights.InDouble() * activation.InDouble()).sum(1);
        return (Rectify ? map.relu() : map).MoveToOuterDisposeScope();
    }
}

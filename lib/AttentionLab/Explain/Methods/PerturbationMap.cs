using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// The family of Score-CAM: a map is the sum of a layer's channels, each weighed by how the score changes when the model sees
/// only what the channel shows, or all but it. No gradient is needed, and a forward pass for each channel is.
/// </summary>
public abstract class PerturbationMap : LayerMethod
{
    /// <summary>Whether the map is cut at zero, as the methods' definitions have it.</summary>
    public bool Rectify { get; init; } = true;

    /// <inheritdoc/>
    protected sealed override bool NeedsGradients => false;

    /// <summary>How much each channel counts.</summary>
    /// <param name="pass">The pictures, and ways to ask the model about changed ones.</param>
    /// <param name="layer">The layer's path in <see cref="ExplanationPass.Activations"/>: N×C×h×w.</param>
    /// <returns>N×C.</returns>
    protected abstract Tensor WeightsOf(ExplanationPass pass, string layer);

    /// <inheritdoc/>
    protected sealed override Tensor MapOf(ExplanationPass pass, string layer)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor activation = pass.Activations[layer].InDouble();
        Tensor weights = WeightsOf(pass, layer);
        CheckShape(weights, activation.shape[..2]);
        Tensor map = (weights.InDouble().to(activation.device).unsqueeze(-1).unsqueeze(-1) * activation).sum(1);
        return (Rectify ? map.relu() : map).MoveToOuterDisposeScope();
    }
}

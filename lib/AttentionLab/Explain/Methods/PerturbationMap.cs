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

    private protected sealed override bool NeedsGradients => false;

    /// <summary>The channels' weights, N×C.</summary>
    private protected abstract Tensor WeightsOf(ExplanationPass pass, string layer);

    private protected sealed override Tensor MapOf(ExplanationPass pass, string layer)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor activation = pass.Activations[layer].InDouble();
        Tensor map = (WeightsOf(pass, layer).InDouble().to(activation.device).unsqueeze(-1).unsqueeze(-1) * activation).sum(1);
        return (Rectify ? map.relu() : map).MoveToOuterDisposeScope();
    }
}

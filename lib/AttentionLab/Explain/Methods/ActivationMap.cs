using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// The mean of a layer's channels: where it is active, whatever for. One forward pass; the target plays no part.
/// </summary>
/// <remarks>
/// Zagoruyko, Komodakis, "Paying more attention to attention", ICLR 2017, section 3.1, but signed and as a mean.
/// </remarks>
public sealed class ActivationMap : LayerMethod
{
    /// <inheritdoc/>
    public override string Name => "activation-map";

    private protected override bool NeedsGradients => false;

    private protected override Tensor MapOf(ExplanationPass pass, string layer) => pass.Activations[layer].InDouble().mean([1]);
}

using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// The mean of a layer's channels: where it is active, whatever for. One forward pass; the target plays no part.
/// </summary>
/// <remarks>
/// <para>$L = ∑ₖ Aₖ / C$ over the C channels Aₖ of the layer.</para>
/// <para><see href="https://arxiv.org/abs/1612.03928">Zagoruyko, Komodakis, "Paying more attention to attention", ICLR
/// 2017</see>, section 3.1, sums absolute values; here the map is signed and a mean.</para>
/// </remarks>
public sealed class ActivationMap : LayerMethod
{
    /// <inheritdoc/>
    public override string Name => "activation-map";

    /// <inheritdoc/>
    protected override bool NeedsGradients => false;

    /// <inheritdoc/>
    protected override Tensor MapOf(ExplanationPass pass, string layer) => pass.Activations[layer].InDouble().mean([1]);
}

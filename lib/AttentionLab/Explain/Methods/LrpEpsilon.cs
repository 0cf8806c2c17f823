using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Layer-wise relevance propagation by the ε rule: each neuron distributes its relevance in proportion to its inputs' weighted
/// values. Signed. In a network of ReLU without biases it equals gradient × input. One forward pass, and a backward pass in pieces.
/// </summary>
/// <remarks>
/// <para>$Rⱼ = ∑ₖ aⱼ·wⱼₖ / (zₖ + ε·sign zₖ)·Rₖ$ with $zₖ = ∑ⱼ aⱼ·wⱼₖ + bₖ$.</para>
/// <para><see href="https://doi.org/10.1371/journal.pone.0130140">Bach et al., "On pixel-wise explanations for non-linear
/// classifier decisions by layer-wise relevance propagation", PLoS ONE 2015</see>, equation 58. Equal to gradient × input: <see
/// href="https://arxiv.org/abs/1711.06104">Ancona et al., ICLR 2018</see>.</para>
/// </remarks>
public sealed class LrpEpsilon : LayerwiseRelevance
{
    /// <inheritdoc/>
    public override string Name => "lrp-epsilon";

    private protected override Tensor Weighted(LayerUse use, Tensor c) => Share(use, c);
}

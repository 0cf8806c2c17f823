using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Explain;

/// <summary>
/// Layer-wise relevance propagation by the γ rule: as by the ε rule, but contributions of a neuron's own sign weigh more, which
/// makes maps less noisy. Signed. One forward pass, and a backward pass in pieces.
/// </summary>
/// <remarks>
/// <para>$Rⱼ = ∑ₖ (aⱼ·wⱼₖ + γ·\max(0, aⱼ·wⱼₖ)) / ∑ⱼ (aⱼ·wⱼₖ + γ·\max(0, aⱼ·wⱼₖ))·Rₖ$ where zₖ is positive, and with the
/// least in place of the largest of the two where it is negative; the bias is one of the sum's terms.</para>
/// <para><see href="https://doi.org/10.1007/978-3-030-28954-6_10">Montavon et al., "Layer-wise relevance propagation: an
/// overview", 2019</see>, section 10.2.1, for $a ≥ 0$; for any sign <see href="https://arxiv.org/abs/2106.04923">Andéol et al.,
/// "Learning domain invariant representations by joint Wasserstein distance minimization", 2021</see>.</para>
/// </remarks>
public sealed class LrpGamma : LayerwiseRelevance
{
    /// <inheritdoc/>
    public override string Name => "lrp-gamma";

    /// <summary>The additional weight of contributions of the neuron's sign, γ: 0 or more. 0 gives the ε rule.</summary>
    public double Gamma { get; init; } = 0.25;

    private protected override Tensor Weighted(LayerUse use, Tensor c)
    {
        if (Gamma is not (>= 0 and < double.PositiveInfinity))
        {
            throw new InvalidOperationException(FormattableString.Invariant($"γ is 0 or more; this is {Gamma}."));
        }

        return use.Layer switch
        {
            Linear layer => Share(use, c, layer.weight, layer.bias, functional.linear),
            Conv2d { padding_mode: PaddingModes.Zeros, padding_type: null } layer => Share(
                use,
                c,
                layer.weight,
                layer.bias,
                (x, weight, bias) => functional.conv2d(x, weight, bias, layer.stride, layer.padding, layer.dilation, layer.groups)
            ),
            _ => Share(use, c),
        };
    }

    private Tensor Share(LayerUse use, Tensor c, Tensor weight, Tensor? bias, Func<Tensor, Tensor, Tensor?, Tensor> layer)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = enable_grad();
        Tensor positive = use.Input.relu().requires_grad_(),
            negative = use.Input.clamp(max: 0).requires_grad_();
        weight = weight.detach();
        bias = bias?.detach();
        Tensor more = weight + (Gamma * weight.relu()),
            less = weight + (Gamma * weight.clamp(max: 0));

        // Positive contributions are a⁺·w⁺ and a⁻·w⁻, negative ones a⁺·w⁻ and a⁻·w⁺.
        Tensor raised = layer(positive, more, bias is null ? null : bias + (Gamma * bias.relu())) + layer(negative, less, null),
            lowered =
                layer(positive, less, bias is null ? null : bias + (Gamma * bias.clamp(max: 0))) + layer(negative, more, null);
        Tensor relevance = use.Output * c,
            shares =
                (raised * (where(use.Output > 0, relevance, zeros_like(c)) / Stabilised(raised.detach())))
                + (lowered * (where(use.Output < 0, relevance, zeros_like(c)) / Stabilised(lowered.detach())));
        autograd.backward([shares.sum()], inputs: [positive, negative]);
        return where(use.Input < 0, negative.grad!, positive.grad!).MoveToOuterDisposeScope();
    }
}

using AttentionLab.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Layer-wise relevance propagation: from the output to the input each neuron distributes its relevance among its inputs. Signed;
/// the map adds up to the score minus what biases and ε absorb. One forward pass, and a backward pass in pieces.
/// </summary>
/// <remarks>
/// Propagated is relevance divided by activation, $c = R / a$, which a linear layer transforms as it does a gradient. So a sum of
/// two paths distributes relevance in proportion to their values, max-pooling gives all to the maximum, an activation passes it
/// on unchanged, and the weights of channel attention are constants.
/// </remarks>
public abstract class LayerwiseRelevance : PixelMethod
{
    private protected LayerwiseRelevance() => Pooling = ColourPooling.Sum;

    /// <summary>What keeps small denominators from making large relevances, ε: 0 or more, in the layers' own units.</summary>
    public double Epsilon { get; init; } = 1e-6;

    /// <summary>What a convolution or linear layer passes on.</summary>
    private protected abstract Tensor Weighted(LayerUse use, Tensor c);

    /// <inheritdoc/>
    protected sealed override Tensor AttributionsOf(ExplanationPass pass)
    {
        if (Epsilon is not (>= 0 and < double.PositiveInfinity))
        {
            throw new InvalidOperationException(FormattableString.Invariant($"ε is 0 or more; this is {Epsilon}."));
        }

        (Tensor c, _, _) = RuledBackpropagation.Of(Name, pass.Model, pass.Input, pass.Score.Of, RuleOf);
        return pass.Input.InDouble() * c.InDouble();
    }

    private BackwardRule? RuleOf(nn.Module layer) =>
        layer switch
        {
            Conv2d or Linear => Weighted,
            ConvTranspose2d or BatchNorm1d or BatchNorm2d => Share,
            OperatorModule { Operator: "Conv" or "Gemm" or "BatchNormalization", RunsAlone: true } => Share,
            IChannelAttention or SpatialAttention => PassThrough,
            _ when ActivationLayers.IsElementwise(layer) => PassThrough,
            _ => null,
        };

    /// <summary>The ε rule: each input has its share $aⱼ·wⱼ / (z + ε·sign z)$ of the relevance z·c.</summary>
    private protected Tensor Share(LayerUse use, Tensor c) => use.Backward(use.Output * c / Stabilised(use.Output));

    /// <summary>z + ε·sign z, with the sign 1 at 0; never 0.</summary>
    private protected Tensor Stabilised(Tensor z)
    {
        Tensor moved = z + (Epsilon * where(z < 0, -ones_like(z), ones_like(z)));
        return where(moved == 0, ones_like(z), moved);
    }

    /// <summary>The same relevance: c·r is c'·z for c' = c·r/z. Where z is 0 the relevance is 0.</summary>
    private static Tensor PassThrough(LayerUse use, Tensor c) =>
        where(use.Input == 0, zeros_like(c), c * use.Output / where(use.Input == 0, ones_like(c), use.Input));
}

using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>
/// CBAM's channel attention: as <see cref="ChannelAttention"/>, but the same two layers see the channels' means and, once more,
/// their largest values; the sum goes through the sigmoid. Input and output N×C×H×W.
/// </summary>
/// <remarks>
/// <para>$w = σ(W₂·\max(0, W₁·z) + W₂·\max(0, W₁·m))$, z the means and m the largest values of the channels.</para>
/// <para><see href="https://arxiv.org/abs/1807.06521">Woo et al., "CBAM: Convolutional Block Attention Module", ECCV
/// 2018</see>, equation 2; without biases, as there (the authors' code has them).</para>
/// </remarks>
public sealed class MeanMaxChannelAttention : Module<Tensor, Tensor>, IChannelAttention
{
    /// <summary>Squeezes H×W to 1×1 by the mean.</summary>
    public readonly ChannelMean avg_pool;

    /// <summary>Squeezes H×W to 1×1 by the largest value.</summary>
    public readonly AdaptiveMaxPool2d max_pool;

    /// <summary>C → C/r → C, used for both: a hook there fires twice.</summary>
    public readonly Sequential mlp;

    /// <summary>Puts the weights out, N×C.</summary>
    public readonly Sigmoid sigmoid;

    /// <summary>Builds the module, with PyTorch's initial weights.</summary>
    /// <param name="channels">C.</param>
    /// <param name="reduction">r: the hidden layer has C/r units; see <see cref="ChannelAttention.HiddenWidth"/>.</param>
    /// <param name="divisor">How that is rounded: 1 for down.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive, or no hidden unit is left.</exception>
    public MeanMaxChannelAttention(int channels, int reduction = 16, int divisor = 1)
        : base(nameof(MeanMaxChannelAttention))
    {
        int hidden = ChannelAttention.HiddenWidth(channels, reduction, divisor);
        avg_pool = new ChannelMean();
        max_pool = AdaptiveMaxPool2d([1, 1]);
        mlp = Sequential(
            ("0", InitialWeights.Of(() => Linear(channels, hidden, hasBias: false))),
            ("1", ReLU()),
            ("2", InitialWeights.Of(() => Linear(hidden, channels, hasBias: false)))
        );
        sigmoid = Sigmoid();
        RegisterComponents();
    }

    /// <inheritdoc/>
    public string WeightsLayer => nameof(sigmoid);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor means = mlp.call(avg_pool.call(input).flatten(1)),
            maxima = mlp.call(max_pool.call(input).flatten(1));
        Tensor weights = sigmoid.call(means + maxima);
        return (input * weights.unsqueeze(-1).unsqueeze(-1)).MoveToOuterDisposeScope();
    }
}

using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>
/// Squeeze-and-excitation: each channel is weighed by a number in (0, 1) that is computed from the means of all channels.
/// Input and output N×C×H×W. <c>ca.fc</c> puts the weights out, N×C: a hook there reads them.
/// </summary>
/// <remarks>
/// <para>$w = σ(W₂·\max(0, W₁·z))$, z the means of the channels; the output is $w·x$.</para>
/// <para><see href="https://arxiv.org/abs/1709.01507">Hu, Shen, Sun, "Squeeze-and-Excitation Networks", CVPR 2018</see>,
/// equations 2 to 4; without biases, as there.</para>
/// </remarks>
public sealed class ChannelAttention : Module<Tensor, Tensor>, IChannelAttention
{
    /// <summary>Squeezes H×W to 1×1 by the mean.</summary>
    public readonly ChannelMean avg_pool;

    /// <summary>Excites: C → C/r → C, then a sigmoid.</summary>
    public readonly Sequential fc;

    /// <summary>Builds the module, with PyTorch's initial weights.</summary>
    /// <param name="channels">C.</param>
    /// <param name="reduction">r: the hidden layer has C/r units, rounded as the next argument says.</param>
    /// <param name="divisor">
    /// 1 rounds C/r down, as the paper's networks do, whose channels r divides. Mobile networks take 8: see
    /// <see cref="HiddenWidth"/>.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive, or no hidden unit is left.</exception>
    public ChannelAttention(int channels, int reduction = 16, int divisor = 1)
        : base(nameof(ChannelAttention))
    {
        int hidden = HiddenWidth(channels, reduction, divisor);
        avg_pool = new ChannelMean();
        fc = Sequential(
            ("0", InitialWeights.Of(() => Linear(channels, hidden, hasBias: false))),
            ("1", ReLU()),
            ("2", InitialWeights.Of(() => Linear(hidden, channels, hasBias: false))),
            ("3", Sigmoid())
        );
        RegisterComponents();
    }

    /// <inheritdoc/>
    public string WeightsLayer => nameof(fc);

    /// <summary>
    /// C/r, rounded down for a divisor of 1; else to the nearest multiple of the divisor, at least the divisor itself, and one
    /// more where rounding would take away over a tenth.
    /// </summary>
    /// <remarks>
    /// The rule of the MobileNets' published code, for processors that like such widths: Howard et al., "Searching for
    /// MobileNetV3", ICCV 2019.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive, or no hidden unit is left.</exception>
    public static int HiddenWidth(int channels, int reduction, int divisor = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(reduction);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(divisor);
        if (divisor == 1)
        {
            return channels >= reduction
                ? channels / reduction
                : throw new ArgumentOutOfRangeException(
                    nameof(reduction),
                    reduction,
                    $"A reduction of {reduction} leaves no hidden unit for {channels} channels: take {channels} or less, or a "
                        + "divisor above 1."
                );
        }

        double wanted = (double)channels / reduction;
        int width = Math.Max(divisor, (int)((wanted + (divisor / 2.0)) / divisor) * divisor);
        return width < 0.9 * wanted ? width + divisor : width;
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor weights = fc.call(avg_pool.call(input).flatten(1));
        return (input * weights.unsqueeze(-1).unsqueeze(-1)).MoveToOuterDisposeScope();
    }
}

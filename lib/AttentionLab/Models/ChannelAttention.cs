using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>
/// Squeeze-and-excitation: each channel is weighed by a number in (0, 1) that is computed from the means of all channels.
/// Input and output N×C×H×W. <c>ca.fc</c> puts the weights out, N×C: a hook there reads them.
/// </summary>
/// <remarks>Hu, Shen, Sun, "Squeeze-and-Excitation Networks", CVPR 2018, equations 2 to 4; without biases, as there.</remarks>
public sealed class ChannelAttention : Module<Tensor, Tensor>
{
    /// <summary>Squeezes H×W to 1×1 by the mean.</summary>
    public readonly ChannelMean avg_pool;

    /// <summary>Excites: C → C/r → C, then a sigmoid.</summary>
    public readonly Sequential fc;

    /// <summary>Builds the module, with PyTorch's initial weights.</summary>
    /// <param name="channels">C.</param>
    /// <param name="reduction">r: the hidden layer has C/r units, rounded down.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive, or no hidden unit is left.</exception>
    public ChannelAttention(int channels, int reduction = 16)
        : base(nameof(ChannelAttention))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(reduction);
        if (channels < reduction)
        {
            throw new ArgumentOutOfRangeException(nameof(reduction), reduction, $"A reduction of {reduction} leaves no hidden unit for {channels} channels: take {channels} or less.");
        }

        avg_pool = new ChannelMean();
        fc = Sequential(
            ("0", Linear(channels, channels / reduction, hasBias: false)),
            ("1", ReLU()),
            ("2", Linear(channels / reduction, channels, hasBias: false)),
            ("3", Sigmoid()));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor weights = fc.call(avg_pool.call(input).flatten(1));
        return (input * weights.unsqueeze(-1).unsqueeze(-1)).MoveToOuterDisposeScope();
    }
}

using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>
/// The mean of each channel, N×C×H×W to N×C×1×1: the same numbers as <c>AdaptiveAvgPool2d(1)</c>.
/// </summary>
/// <remarks>
/// torch spreads that module's gradient over H×W in a layout of its own, and adding it to a channels-last one takes five times as
/// long as all the rest of an attention module. With the channels at the end, as here, the gradient has them at the end too.
/// </remarks>
public sealed class ChannelMean : Module<Tensor, Tensor>
{
    /// <summary>Has no weights.</summary>
    public ChannelMean()
        : base(nameof(ChannelMean)) { }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return input.flatten(2).transpose(1, 2).mean([1L]).unsqueeze(-1).unsqueeze(-1).MoveToOuterDisposeScope();
    }
}

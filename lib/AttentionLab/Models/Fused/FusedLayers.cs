using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// Layers that stand one behind another. In training on a processor they are computed together where that takes less time: 3×3
/// convolutions by Winograd's algorithm, normalisation, ReLU and pooling in one pass. Values differ from those of the single layers
/// by rounding. Layers that have a hook are called one by one.
/// </summary>
internal static class FusedLayers
{
    /// <summary><c>pool.call(relu.call(norm.call(conv.call(input))))</c>.</summary>
    public static Tensor Call(Tensor input, Conv2d conv, BatchNorm2d norm, ReLU relu, MaxPool2d pool)
    {
        Tensor x = Call(input, conv);
        return FusedNormalization.SuitsTraining(x, norm, relu, pool)
            ? FusedNormalization.Train(x, norm)
            : pool.call(relu.call(norm.call(x)));
    }

    /// <summary><c>pool.call(attention.call(relu.call(norm.call(conv.call(input)))))</c>.</summary>
    /// <remarks>The weights are not negative, so that they may as well weigh the highest value of each window alone.</remarks>
    public static Tensor Call(Tensor input, Conv2d conv, BatchNorm2d norm, ReLU relu, ChannelAttention attention, MaxPool2d pool)
    {
        Tensor x = Call(input, conv);
        if (
            ForwardHooks.Any(attention)
            || ForwardHooks.Any(attention.avg_pool)
            || !FusedNormalization.SuitsTraining(x, norm, relu, pool)
        )
        {
            return pool.call(attention.call(relu.call(norm.call(x))));
        }

        (Tensor pooled, Tensor means) = FusedNormalization.TrainAndSqueeze(x, norm);
        return pooled * attention.fc.call(means).unsqueeze(-1).unsqueeze(-1);
    }

    /// <summary><c>conv.call(input)</c>.</summary>
    public static Tensor Call(Tensor input, Conv2d conv) =>
        WinogradConvolution.SuitsTraining(conv, input) ? WinogradConvolution.Train(conv, input) : conv.call(input);
}

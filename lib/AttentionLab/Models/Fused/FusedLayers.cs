using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// Layers that stand one behind another. In training on a processor they are computed together where that takes less time: 3×3
/// convolutions by Winograd's algorithm, batch normalisation, ReLU and pooling in one pass. Values differ from those of the single
/// layers by rounding. A layer that has a hook is called by itself.
/// </summary>
internal static class FusedLayers
{
    /// <summary><c>conv.call(input)</c>.</summary>
    public static Tensor Call(Tensor input, Conv2d conv) =>
        WinogradConvolution.SuitsTraining(conv, input) ? WinogradConvolution.Train(conv, input) : conv.call(input);

    /// <summary><c>relu.call(norm.call(conv.call(input)))</c>.</summary>
    public static Tensor Call(Tensor input, Conv2d conv, BatchNorm2d norm, ReLU relu)
    {
        Tensor x = Call(input, conv);
        return FusedNormalization.SuitsTraining(x, norm, relu)
            ? FusedNormalization.Train(x, norm, pools: false)
            : relu.call(norm.call(x));
    }

    /// <summary><c>pool.call(relu.call(norm.call(conv.call(input))))</c>.</summary>
    public static Tensor Call(Tensor input, Conv2d conv, BatchNorm2d norm, ReLU relu, MaxPool2d pool)
    {
        Tensor x = Call(input, conv);
        return FusedNormalization.SuitsTraining(x, norm, relu, pool)
            ? FusedNormalization.Train(x, norm, pools: true)
            : pool.call(relu.call(norm.call(x)));
    }
}

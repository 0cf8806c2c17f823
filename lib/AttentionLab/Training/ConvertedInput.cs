using AttentionLab.Data;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// A network for training whose preprocessing is more than a normalisation by channel: blue first, or minus a mean picture. It
/// takes pixels in [0, 1], red first, N×C×H×W, and leaves the network itself as it is.
/// </summary>
internal sealed class ConvertedInput : nn.Module<Tensor, Tensor>
{
#pragma warning disable IDE1006 // the weights' names in a checkpoint begin with it
    private readonly nn.Module<Tensor, Tensor> network;
#pragma warning restore IDE1006

    private readonly Preprocessing _preprocessing;

    public ConvertedInput(TrainedNetwork trained)
        : base(trained.Module.GetName())
    {
        (network, _preprocessing) = (trained.Module, trained.Preprocessing);
        train(network.training);
        RegisterComponents();
    }

    /// <summary>A network that takes pixels, and how these come from bytes.</summary>
    public static (nn.Module<Tensor, Tensor> Model, Normalization Normalization) Of(TrainedNetwork trained)
    {
        IReadOnlyList<float> channels = trained.Preprocessing.Mean;
        return (new ConvertedInput(trained), new Normalization([.. channels.Select(_ => 0f)], [.. channels.Select(_ => 1f)]));
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor pixels = (_preprocessing.IsBgr ? input.flip(1) : input) * _preprocessing.Largest,
            mean = _preprocessing.MeanImage is { } picture
                ? tensor([.. picture], [1, .. input.shape[1..]])
                : tensor([.. _preprocessing.Mean], [1, input.shape[1], 1, 1]),
            deviation = tensor([.. _preprocessing.StandardDeviation], [1, input.shape[1], 1, 1]);
        Tensor converted = (pixels - mean.to(input.dtype, input.device)) / deviation.to(input.dtype, input.device);
        return network.call(converted).MoveToOuterDisposeScope();
    }
}

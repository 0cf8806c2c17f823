using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>
/// A stage of <see cref="FastResNet"/>: convolution, pooling, batch normalisation, GELU, convolution, batch normalisation, GELU.
/// Input N×C×H×W, output N×out×⌊H/2⌋×⌊W/2⌋. The convolutions begin as the identity where channels allow, in place of a shortcut;
/// the scales of the normalisation stay 1.
/// </summary>
public sealed class FastResNetStage : Module<Tensor, Tensor>
{
#pragma warning disable CS1591 // a layer's name says what it is
    public readonly Conv2d conv1;
    public readonly MaxPool2d pool;
    public readonly BatchNorm2d bn1;
    public readonly GELU gelu1;
    public readonly Conv2d conv2;
    public readonly BatchNorm2d bn2;
    public readonly GELU gelu2;
#pragma warning restore CS1591

    internal FastResNetStage(int inputs, int outputs)
        : base(nameof(FastResNetStage))
    {
        conv1 = Identity(InitialWeights.Of(() => Conv2d(inputs, outputs, kernel_size: 3, padding: 1, bias: false)));
        pool = MaxPool2d(2);
        bn1 = Normalization(outputs);
        gelu1 = GELU();
        conv2 = Identity(InitialWeights.Of(() => Conv2d(outputs, outputs, kernel_size: 3, padding: 1, bias: false)));
        bn2 = Normalization(outputs);
        gelu2 = GELU();
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor x = gelu1.call(bn1.call(pool.call(FusedLayers.Call(input, conv1))));
        return gelu2.call(bn2.call(FusedLayers.Call(x, conv2))).MoveToOuterDisposeScope();
    }

    /// <summary>The first filters pass their channel on as it is.</summary>
    private static Conv2d Identity(Conv2d convolution)
    {
        using IDisposable noGradients = no_grad();
        using Tensor first = convolution.weight![..(int)Math.Min(convolution.weight.shape[0], convolution.weight.shape[1])];
        init.dirac_(first);
        return convolution;
    }

    private static BatchNorm2d Normalization(int channels)
    {
        BatchNorm2d layer = BatchNorm2d(channels, eps: 1e-12, momentum: 0.4);
        layer.weight!.requires_grad = false;
        return layer;
    }
}

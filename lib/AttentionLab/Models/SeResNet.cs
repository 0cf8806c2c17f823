using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>
/// SE-ResNet for small pictures: a convolution, three stages of residual blocks with 16, 32 and 64 channels, each block with
/// attention, then the mean over all places and one linear layer. Input N×C×H×W of any sides (C = 3), output N×classes: logits,
/// no softmax. With 20 layers and ten classes 271,738 parameters, a quarter of <see cref="Cnn"/>'s, and 41 million multiplications
/// for a 32×32 picture, almost four times as many.
/// </summary>
/// <remarks>
/// The CIFAR network of He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, section 4.2, with the blocks of Hu
/// et al., "Squeeze-and-Excitation Networks", CVPR 2018. For heat maps name <c>layer3</c>, the last block's output, or
/// <c>layer2</c> for a map of twice the side.
/// </remarks>
public sealed class SeResNet : Module<Tensor, Tensor>
{
    // Names and order are PyTorch's.
#pragma warning disable CS1591 // a layer's name says what it is
    public readonly Conv2d conv1;
    public readonly BatchNorm2d bn1;
    public readonly ReLU relu;
    public readonly Sequential layer1;
    public readonly Sequential layer2;
    public readonly Sequential layer3;
    public readonly ChannelMean avgpool;
    public readonly Linear fc;
#pragma warning restore CS1591

    /// <summary>Builds the network with PyTorch's initial weights.</summary>
    /// <param name="classes">Number of logits, one a class.</param>
    /// <param name="depth">Layers with weights, the attention's not counted: 6n + 2 for n blocks a stage, so 8, 14, 20, 26, 32, …
    /// 110.</param>
    /// <param name="attention">
    /// From a number of channels to the attention of a block, such as <c>c => new EfficientChannelAttention(c)</c>, <c>c => new
    /// Cbam(c)</c> or, for a plain ResNet, <c>_ => Identity()</c>; null for <see cref="ChannelAttention"/> with the paper's r =
    /// 16.
    /// </param>
    /// <param name="seed">Seeds torch's global generator first: the weights are then those that PyTorch draws from that
    /// seed.</param>
    /// <param name="channels">C: 3, or 1 for grey pictures.</param>
    /// <exception cref="ArgumentOutOfRangeException">No class, no channel, or another depth.</exception>
    public SeResNet(
        int classes = 10,
        int depth = 20,
        Func<int, Module<Tensor, Tensor>>? attention = null,
        long? seed = null,
        int channels = 3
    )
        : base(nameof(SeResNet))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        if (depth < 8 || depth % 6 != 2)
        {
            throw new ArgumentOutOfRangeException(
                nameof(depth),
                depth,
                "Three stages of n blocks with two layers each, one layer before and one behind, make 6n + 2 layers: 8, 14, "
                    + "20, 26, 32, …"
            );
        }

        NetworkInput.Seed(seed);
        attention ??= width => new ChannelAttention(width);
        int blocks = (depth - 2) / 6;
        conv1 = InitialWeights.Of(() => Conv2d(channels, 16, kernel_size: 3, padding: 1, bias: false));
        bn1 = BatchNorm2d(16);
        relu = ReLU();
        layer1 = Stage(16, 16, stride: 1);
        layer2 = Stage(16, 32, stride: 2);
        layer3 = Stage(32, 64, stride: 2);
        avgpool = new ChannelMean();
        fc = InitialWeights.Of(() => Linear(64, classes));
        RegisterComponents();

        Sequential Stage(int inputs, int outputs, int stride) =>
            Sequential(
                Enumerable
                    .Range(0, blocks)
                    .Select(i =>
                        (
                            $"{i}",
                            (Module<Tensor, Tensor>)
                                new SeResNetBlock(i == 0 ? inputs : outputs, outputs, i == 0 ? stride : 1, attention)
                        )
                    )
            );
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor x = relu.call(bn1.call(conv1.call(input)));
        x = layer3.call(layer2.call(layer1.call(x)));
        return fc.call(avgpool.call(x).flatten(1)).MoveToOuterDisposeScope();
    }
}

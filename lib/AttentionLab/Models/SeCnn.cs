using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>
/// <see cref="Cnn"/> with a <see cref="ChannelAttention"/> after each block's ReLU and before its pooling. Input N×C×S×S
/// (C = 3, S = 32), output N×classes: logits, no softmax. 1,150,602 parameters for ten classes.
/// </summary>
public sealed class SeCnn : Module<Tensor, Tensor>
{
    // Names and order are PyTorch's: weights move both ways. One module a layer, so that a hook fires once.
#pragma warning disable CS1591 // a layer's name says what it is
    public readonly Conv2d conv1;
    public readonly BatchNorm2d bn1;
    public readonly ReLU relu1;
    public readonly ChannelAttention ca1;
    public readonly MaxPool2d pool1;
    public readonly Conv2d conv2;
    public readonly BatchNorm2d bn2;
    public readonly ReLU relu2;
    public readonly ChannelAttention ca2;
    public readonly MaxPool2d pool2;
    public readonly Conv2d conv3;
    public readonly BatchNorm2d bn3;
    public readonly ReLU relu3;
    public readonly ChannelAttention ca3;
    public readonly MaxPool2d pool3;
    public readonly Linear fc1;
    public readonly ReLU relu4;
    public readonly Dropout dropout;
    public readonly Linear fc2;
#pragma warning restore CS1591

    private readonly int _imageSize,
        _channels;

    /// <summary>Builds the network with PyTorch's initial weights.</summary>
    /// <param name="classes">Number of logits, one a class.</param>
    /// <param name="imageSize">S: side of the pictures, a multiple of 8.</param>
    /// <param name="reduction">How much narrower the attention's hidden layers are than their channels.</param>
    /// <param name="seed">Seeds torch's global generator first: the weights are then those that PyTorch draws from that
    /// seed.</param>
    /// <param name="channels">C: 3, or 1 for grey pictures.</param>
    /// <exception cref="ArgumentOutOfRangeException">No class, no channel, a side that three poolings do not divide, or too much
    /// reduction.</exception>
    public SeCnn(int classes = 10, int imageSize = 32, int reduction = 16, long? seed = null, int channels = 3)
        : base(nameof(SeCnn))
    {
        NetworkInput.Check(classes, imageSize, channels);
        NetworkInput.Seed(seed);
        (_imageSize, _channels) = (imageSize, channels);

        conv1 = InitialWeights.Of(() => Conv2d(channels, 32, kernel_size: 3, padding: 1));
        bn1 = BatchNorm2d(32);
        relu1 = ReLU();
        ca1 = new ChannelAttention(32, reduction);
        pool1 = MaxPool2d(2);

        conv2 = InitialWeights.Of(() => Conv2d(32, 64, kernel_size: 3, padding: 1));
        bn2 = BatchNorm2d(64);
        relu2 = ReLU();
        ca2 = new ChannelAttention(64, reduction);
        pool2 = MaxPool2d(2);

        conv3 = InitialWeights.Of(() => Conv2d(64, 128, kernel_size: 3, padding: 1));
        bn3 = BatchNorm2d(128);
        relu3 = ReLU();
        ca3 = new ChannelAttention(128, reduction);
        pool3 = MaxPool2d(2);

        fc1 = InitialWeights.Of(() => Linear(128 * (imageSize / 8) * (imageSize / 8), 512));
        relu4 = ReLU();
        dropout = Dropout(0.5);
        fc2 = InitialWeights.Of(() => Linear(512, classes));
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The pictures are not N×C×S×S.</exception>
    public override Tensor forward(Tensor input)
    {
        NetworkInput.CheckPictures(this, input, _imageSize, _channels);
        using var scope = NewDisposeScope();
        Tensor x = FusedLayers.Call(input, conv1, bn1, relu1, ca1, pool1);
        x = FusedLayers.Call(x, conv2, bn2, relu2, ca2, pool2);
        x = FusedLayers.Call(x, conv3, bn3, relu3, ca3, pool3);
        x = dropout.call(relu4.call(fc1.call(x.flatten(1))));
        return fc2.call(x).MoveToOuterDisposeScope();
    }
}

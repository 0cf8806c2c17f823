using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>
/// A residual block with attention: two 3×3 convolutions learn what to add to the input, attention weighs it. Input N×C×H×W,
/// output N×out×⌈H/stride⌉×⌈W/stride⌉, not negative.
/// </summary>
/// <remarks>
/// He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, figure 2 and section 4.2; attention before the addition:
/// Hu et al., "Squeeze-and-Excitation Networks", CVPR 2018, figure 3.
/// </remarks>
public sealed class SeResNetBlock : Module<Tensor, Tensor>
{
    // Names and order are PyTorch's. One ReLU a place, so that a hook fires once.
#pragma warning disable CS1591 // a layer's name says what it is
    public readonly Conv2d conv1;
    public readonly BatchNorm2d bn1;
    public readonly ReLU relu1;
    public readonly Conv2d conv2;
    public readonly BatchNorm2d bn2;
    public readonly Module<Tensor, Tensor> se;
    public readonly ReLU relu2;
#pragma warning restore CS1591

    private readonly int _added,
        _stride;

    internal SeResNetBlock(int inputs, int outputs, int stride, Func<int, Module<Tensor, Tensor>> attention)
        : base(nameof(SeResNetBlock))
    {
        (_added, _stride) = (outputs - inputs, stride);
        conv1 = InitialWeights.Of(() => Conv2d(inputs, outputs, kernel_size: 3, stride: stride, padding: 1, bias: false));
        bn1 = BatchNorm2d(outputs);
        relu1 = ReLU();
        conv2 = InitialWeights.Of(() => Conv2d(outputs, outputs, kernel_size: 3, padding: 1, bias: false));
        bn2 = BatchNorm2d(outputs);
        se =
            attention(outputs)
            ?? throw new ArgumentException(
                $"The attention for {outputs} channels is null; return Identity() for none.",
                nameof(attention)
            );
        relu2 = ReLU();
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor x = relu1.call(bn1.call(FusedLayers.Call(input, conv1)));
        x = se.call(bn2.call(FusedLayers.Call(x, conv2)));
        return relu2.call(x + Shortcut(input)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The input; where sides and channels differ, every second pixel of it, and zeros for the new channels (the paper's option
    /// A, without weights).
    /// </summary>
    private Tensor Shortcut(Tensor input)
    {
        Tensor x = _stride == 1 ? input : input[.., .., TensorIndex.Slice(step: _stride), TensorIndex.Slice(step: _stride)];
        return _added == 0 ? x : functional.pad(x, [0, 0, 0, 0, 0, _added]);
    }
}

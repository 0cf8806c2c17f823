using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>Convolutions and transposed convolutions in one, two and three dimensions.</summary>
internal static class ConvolutionOperators
{
    public static OperatorFamily Family { get; } = new() { { "Conv", Convolve }, { "ConvTranspose", Transposed } };

    private static Tensor Convolve(OperatorCall call)
    {
        (Tensor x, Tensor weight, long groups) = Inputs(call);
        if (weight.shape[0] % groups != 0 || weight.shape[1] * groups != x.shape[1])
        {
            throw call.Broken(
                $"weights of {TensorInfo.Text(weight.shape)} in {groups} groups do not fit an input of {TensorInfo.Text(x.shape)}"
            );
        }

        var window = Window.Of(call, x.shape[2..], weight.shape[2..]);
        long[] output = window.Output(call, x.shape[2..]);
        call.Bounded([x.shape[0], weight.shape[0], .. output]);
        long[] padding = window.Before;
        if (!window.IsAsWithEqualEnds(x.shape[2..], output))
        {
            x = functional.pad(x, window.ForPad());
            padding = new long[padding.Length];
        }

        Tensor? bias = Bias(call, weight.shape[0]);
        return x.dim() switch
        {
            3 => functional.conv1d(x, weight, bias, window.Strides[0], padding[0], window.Dilations[0], groups),
            4 => functional.conv2d(x, weight, bias, window.Strides, padding, window.Dilations, groups),
            _ => functional.conv3d(x, weight, bias, window.Strides, padding, window.Dilations, groups),
        };
    }

    private static Tensor Transposed(OperatorCall call)
    {
        (Tensor x, Tensor weight, long groups) = Inputs(call);
        if (x.shape[1] % groups != 0 || weight.shape[0] != x.shape[1])
        {
            throw call.Broken(
                $"weights of {TensorInfo.Text(weight.shape)} in {groups} groups do not fit an input of {TensorInfo.Text(x.shape)}"
            );
        }

        int axes = (int)x.dim() - 2;
        long[] strides = Window.Numbers(call, "strides", call.Ints("strides"), axes, 1, 1),
            dilations = Window.Numbers(call, "dilations", call.Ints("dilations"), axes, 1, 1),
            more = Window.Numbers(call, "output_padding", call.Ints("output_padding"), axes, 0, 0),
            pads = Window.Numbers(call, "pads", call.Ints("pads"), 2 * axes, 0, 0);
        long[] whole =
        [
            .. Enumerable
                .Range(0, axes)
                .Select(i => ((x.shape[i + 2] - 1) * strides[i]) + (dilations[i] * (weight.shape[i + 2] - 1)) + 1 + more[i]),
        ];
        string automatic = call.Text("auto_pad", "NOTSET");
        long[]? wanted =
            call.Ints("output_shape") is { } shape
                ? Window.Numbers(call, "output_shape", [.. shape.TakeLast(axes)], axes, 1, null)
            : automatic is "SAME_UPPER" or "SAME_LOWER" ? [.. strides.Select((stride, i) => x.shape[i + 2] * stride)]
            : null;
        for (int i = 0; wanted is not null && i < axes; i++)
        {
            long cut = Math.Max(0, whole[i] - wanted[i]),
                half = automatic == "SAME_UPPER" ? cut / 2 : cut - (cut / 2);
            (pads[i], pads[i + axes]) = (half, cut - half);
            whole[i] = Math.Max(whole[i], wanted[i]);
        }

        call.Bounded([x.shape[0], weight.shape[1] * groups, .. whole]);
        Tensor? bias = Bias(call, weight.shape[1] * groups);
        long[] none = new long[axes];

        // Everything is computed and the padding cut off, so that both ends may differ.
        Tensor output = axes switch
        {
            1 => functional.conv_transpose1d(x, weight, null, strides[0], 0, 0, groups, dilations[0]),
            2 => functional.conv_transpose2d(x, weight, null, strides, none, none, dilations, groups),
            _ => functional.conv_transpose3d(x, weight, null, strides, none, none, dilations, groups),
        };
        long[] grow = [.. whole.Select((side, i) => Math.Max(0, side - output.shape[i + 2]))];
        output = grow.Any(each => each > 0)
            ? functional.pad(output, [.. grow.Reverse().SelectMany(each => new[] { 0, each })])
            : output;
        for (int i = 0; i < axes; i++)
        {
            long length = whole[i] - pads[i] - pads[i + axes];
            output = length > 0 ? output.narrow(i + 2, pads[i], length) : throw call.Broken("its padding cuts off everything");
        }

        return bias is null ? output : output + bias.reshape([-1, .. Enumerable.Repeat(1L, axes)]);
    }

    private static (Tensor Input, Tensor Weight, long Groups) Inputs(OperatorCall call)
    {
        Tensor x = call.Input(),
            weight = call.Input(1);
        long groups = call.Int("group", 1);
        if (x.dim() is < 3 or > 5 || weight.dim() != x.dim() || groups < 1 || x.numel() == 0 || weight.numel() == 0)
        {
            throw call.Broken(
                $"an input of {TensorInfo.Text(x.shape)} with weights of {TensorInfo.Text(weight.shape)} in {groups} groups "
                    + "cannot be convolved in one to three dimensions"
            );
        }

        return (x, weight, groups);
    }

    private static Tensor? Bias(OperatorCall call, long channels) =>
        call.Optional(2) is not { } bias ? null
        : bias.dim() == 1 && bias.shape[0] == channels ? bias
        : throw call.Broken($"its bias has the shape {TensorInfo.Text(bias.shape)} for {channels} channels");
}

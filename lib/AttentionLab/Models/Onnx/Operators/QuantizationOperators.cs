using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>From and to quantised integers, in one step for the whole tensor or for each element of an axis.</summary>
internal static class QuantizationOperators
{
    public static OperatorFamily Family { get; } = new() { { "QuantizeLinear", Quantize }, { "DequantizeLinear", Dequantize } };

    private static Tensor Quantize(OperatorCall call)
    {
        Tensor x = call.Input(),
            scale = Along(call, x, call.Input(1));
        Tensor? zero = call.Optional(2);
        ScalarType type = zero?.dtype ?? ScalarType.Byte;
        (double least, double most) = type switch
        {
            ScalarType.Byte => (0, 255),
            ScalarType.Int8 => (-128, 127),
            ScalarType.Int16 => (short.MinValue, short.MaxValue),
            _ => throw call.Broken($"quantising to {type} is not supported"),
        };
        Tensor steps = (x / scale).round();
        steps = zero is null ? steps : steps + Along(call, x, zero).to(x.dtype);
        return steps.clamp(least, most).to(type);
    }

    private static Tensor Dequantize(OperatorCall call)
    {
        Tensor x = call.Input(),
            scale = Along(call, x, call.Input(1)),
            steps = x.to(scale.dtype);
        return (call.Optional(2) is { } zero ? steps - Along(call, x, zero).to(scale.dtype) : steps) * scale;
    }

    private static Tensor Along(OperatorCall call, Tensor x, Tensor numbers)
    {
        if (call.Int("block_size", 0) != 0 || numbers.dim() > 1)
        {
            throw call.Broken("quantisation by blocks is not supported");
        }

        if (numbers.numel() == 1)
        {
            return numbers.reshape([]);
        }

        long axis = call.Axis(call.Int("axis", 1), x.dim());
        return numbers.numel() == x.shape[axis]
            ? numbers.reshape([-1, .. Enumerable.Repeat(1L, (int)(x.dim() - axis - 1))])
            : throw call.Broken($"{numbers.numel()} scales do not fit axis {axis} of {TensorInfo.Text(x.shape)}");
    }
}

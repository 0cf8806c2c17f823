using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>New tensors.</summary>
internal static class CreationOperators
{
    public static OperatorFamily Family { get; } =
        new()
        {
            { "Constant", Constant },
            { "ConstantOfShape", ConstantOfShape },
            { "Range", Range },
            { "EyeLike", EyeLike },
        };

    private static Tensor Constant(OperatorCall call)
    {
        OnnxAttribute value = call.Node.Attributes.Values.FirstOrDefault() ?? throw call.Broken("it has no value");
        return call.Node.Attributes.TryGetValue("value", out OnnxAttribute? whole) && whole.Tensor is { } data
                ? new OnnxTensorData(null).Read(data)
            : value.Name == "value_float" && value.Float is { } number ? tensor(number)
            : value.Name == "value_int" && value.Integer is { } integer ? tensor(integer)
            : value.Name == "value_floats" ? tensor(value.Floats.ToArray())
            : value.Name == "value_ints" ? tensor(value.Integers.ToArray())
            : throw call.Broken($"its value '{value.Name}' is of a kind that is not supported");
    }

    private static Tensor ConstantOfShape(OperatorCall call)
    {
        long[] shape = call.Bounded(call.Integers(0) ?? throw call.Broken("it has no shape"));
        if (!call.Node.Attributes.TryGetValue("value", out OnnxAttribute? attribute) || attribute.Tensor is null)
        {
            return zeros(shape);
        }

        using Tensor value = new OnnxTensorData(null).Read(attribute.Tensor);
        return value.numel() == 1
            ? value.reshape([]).expand(shape).clone()
            : throw call.Broken($"its value has {value.numel()} elements in place of one");
    }

    private static Tensor Range(OperatorCall call)
    {
        Tensor start = call.Input();
        if (
            call.Numbers(0) is not [var from]
            || call.Numbers(1) is not [var to]
            || call.Numbers(2) is not [var step]
            || step == 0
        )
        {
            throw call.Broken("its start, limit and step are not three numbers, the step other than 0");
        }

        double count = Math.Max(0, Math.Ceiling((to - from) / step));
        call.Bounded([count < long.MaxValue ? (long)count : long.MaxValue]);
        Tensor places = arange((long)count, dtype: start.is_floating_point() ? ScalarType.Float64 : ScalarType.Int64);
        return start.is_floating_point()
            ? ((places * step) + from).to(start.dtype)
            : ((places * (long)step) + (long)from).to(start.dtype);
    }

    private static Tensor EyeLike(OperatorCall call)
    {
        Tensor x = call.Input();
        if (x.dim() != 2)
        {
            throw call.Broken($"{TensorInfo.Text(x.shape)} is not a matrix");
        }

        long diagonal = call.Int("k", 0);
        ScalarType type =
            OnnxElementTypes.ToTorch(call.Int("dtype", OnnxElementTypes.Float)) ?? throw call.Broken("its type is not supported");
        Tensor rows = arange(x.shape[0]).unsqueeze(1),
            columns = arange(x.shape[1]).unsqueeze(0);
        return (columns - rows == diagonal).to(call.Has("dtype") ? type : x.dtype);
    }
}

using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>What the operators' types say of values: which have gradients, and how many axes some have.</summary>
internal static class ValueKinds
{
    /// <summary>The kinds of a node's outputs, from those of its inputs.</summary>
    public static ValueKind Of(OnnxNode node, IReadOnlyList<ValueKind> inputs, Func<int, Tensor?> constant)
    {
        ValueKind first = inputs.Count > 0 ? inputs[0] : default;
        bool anyFloat = inputs.Any(input => input.IsFloat);
        int? widest = inputs.All(input => input.Rank is not null) && inputs.Count > 0 ? inputs.Max(input => input.Rank) : null;
        return node.Operator switch
        {
            "Shape" or "Size" or "NonZero" or "ArgMax" or "ArgMin" or "SequenceLength" => default,
            "Equal" or "Less" or "LessOrEqual" or "Greater" or "GreaterOrEqual" or "And" or "Or" or "Xor" or "Not" => default,
            "IsNaN" or "IsInf" or "QuantizeLinear" => default,
            "SequenceEmpty" or "SequenceConstruct" or "SequenceInsert" or "SequenceErase" or "SplitToSequence" => default,
            "SequenceAt" or "ConcatFromSequence" or "DequantizeLinear" => new(true, null),
            "Cast" => new(OnnxElementTypes.IsFloat(node.Attributes.GetValueOrDefault("to")?.Integer ?? 0), first.Rank),
            "Conv" or "ConvTranspose" => new(true, (int?)constant(1)?.dim() ?? first.Rank),
            "Gemm" or "Flatten" => new(first.IsFloat, 2),
            "Reshape" => new(first.IsFloat, (int?)constant(1)?.numel()),
            "Where" => new(inputs.Skip(1).Any(input => input.IsFloat), widest),
            "Add" or "Sub" or "Mul" or "Div" or "Max" or "Min" or "Sum" or "Mean" or "Pow" => new(anyFloat, widest),
            "MatMul" => new(anyFloat, widest),
            "OneHot" => new(inputs.Count > 2 && inputs[2].IsFloat, null),
            "ConstantOfShape" => new(IsFloat(node), null),
            "Constant" or "EyeLike" or "Range" => new(anyFloat, null),
            "If" => new(
                OnnxBranch.Of(node, true).Outputs is [{ ElementType: > 0 and var type }, ..]
                    ? OnnxElementTypes.IsFloat(type)
                    : anyFloat,
                null
            ),
            "Squeeze" or "Unsqueeze" or "Gather" or "GatherND" or "ReduceMean" or "ReduceSum" or "Einsum" => new(anyFloat, null),
            _ => first,
        };
    }

    private static bool IsFloat(OnnxNode node) =>
        node.Attributes.GetValueOrDefault("value")?.Tensor is not { } value || OnnxElementTypes.IsFloat(value.DataType);
}

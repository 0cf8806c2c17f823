using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Comparisons and logic, and the choice between two tensors.</summary>
internal static class ComparisonOperators
{
    public static OperatorFamily Family { get; } =
        new()
        {
            { "Equal", call => ArithmeticOperators.Of(call, (a, b) => a.eq(b)) },
            { "Less", call => ArithmeticOperators.Of(call, (a, b) => a.lt(b)) },
            { "LessOrEqual", call => ArithmeticOperators.Of(call, (a, b) => a.le(b)) },
            { "Greater", call => ArithmeticOperators.Of(call, (a, b) => a.gt(b)) },
            { "GreaterOrEqual", call => ArithmeticOperators.Of(call, (a, b) => a.ge(b)) },
            { "And", call => ArithmeticOperators.Of(call, (a, b) => a.logical_and(b)) },
            { "Or", call => ArithmeticOperators.Of(call, (a, b) => a.logical_or(b)) },
            { "Xor", call => ArithmeticOperators.Of(call, (a, b) => a.logical_xor(b)) },
            { "Not", call => call.Input().logical_not() },
            { "Where", Where },
        };

    private static Tensor Where(OperatorCall call)
    {
        Tensor condition = call.Input(),
            then = call.Input(1),
            other = call.Input(2);
        call.Broadcast(condition.shape, then.shape, other.shape);
        return where(condition.to(ScalarType.Bool), then, other);
    }
}

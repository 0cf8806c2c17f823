using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Arithmetic between tensors, by NumPy's rules of broadcasting.</summary>
internal static class ArithmeticOperators
{
    public static OperatorFamily Family { get; } =
        new()
        {
            { "Add", call => Of(call, (a, b) => a + b) },
            { "Sub", call => Of(call, (a, b) => a - b) },
            { "Mul", call => Of(call, (a, b) => a * b) },
            { "Div", call => Of(call, (a, b) => Divide(call, a, b)) },
            { "Mod", call => Of(call, (a, b) => Modulo(call, a, b)) },
            { "Pow", call => Of(call, (a, b) => a.pow(b.to(Exponent(a, b))).to(a.dtype)) },
            { "Max", call => Fold(call, (a, b) => a.maximum(b)) },
            { "Min", call => Fold(call, (a, b) => a.minimum(b)) },
            { "Sum", call => Fold(call, (a, b) => a + b) },
            { "Mean", call => Fold(call, (a, b) => a + b) / call.Count },
            { "BitShift", BitShift },
            { "BitwiseAnd", call => Of(call, (a, b) => a.bitwise_and(b)) },
            { "BitwiseOr", call => Of(call, (a, b) => a.bitwise_or(b)) },
            { "BitwiseXor", call => Of(call, (a, b) => a.bitwise_xor(b)) },
            { "BitwiseNot", call => call.Input().bitwise_not() },
        };

    /// <summary>Two inputs together. Before version 7 the second was laid at an axis of the first.</summary>
    public static Tensor Of(OperatorCall call, Func<Tensor, Tensor, Tensor> run)
    {
        Tensor a = call.Input(),
            b = call.Input(1);
        if (call.Opset < 7 && call.Int("broadcast", 0) != 0 && call.Has("axis"))
        {
            long after = a.dim() - call.Axis(call.Int("axis", 0), a.dim()) - b.dim();
            b = after > 0 ? b.reshape([.. b.shape, .. Enumerable.Repeat(1L, (int)after)]) : b;
        }

        call.Broadcast(a.shape, b.shape);
        return run(a, b);
    }

    private static Tensor Fold(OperatorCall call, Func<Tensor, Tensor, Tensor> run)
    {
        Tensor[] all = call.All();
        if (all.Length == 0)
        {
            throw call.Broken("it has no input");
        }

        call.Broadcast([.. all.Select(each => (IReadOnlyList<long>)each.shape)]);
        return all.Length == 1 ? all[0].alias() : all.Aggregate(run);
    }

    /// <summary>Integers are divided towards zero. The processor traps at a zero and at the least integer over −1.</summary>
    private static Tensor Divide(OperatorCall call, Tensor a, Tensor b)
    {
        if (a.is_floating_point() || b.is_floating_point())
        {
            return a / b;
        }

        Tensor minus = Checked(call, b);
        return where(minus, a.neg(), a.div(where(minus, ones_like(b), b), RoundingMode.trunc));
    }

    private static Tensor Modulo(OperatorCall call, Tensor a, Tensor b)
    {
        bool likeC = call.Int("fmod", 0) != 0;
        if (a.is_floating_point() || b.is_floating_point())
        {
            return likeC ? a.fmod(b) : a.remainder(b);
        }

        Tensor minus = Checked(call, b),
            safe = where(minus, ones_like(b), b);
        return likeC ? a.fmod(safe) : a.remainder(safe); // modulo −1 and 1 alike nothing remains
    }

    /// <summary>Where an integer divisor is −1.</summary>
    private static Tensor Checked(OperatorCall call, Tensor divisor) =>
        (divisor == 0).any().ToBoolean() ? throw call.Broken("an integer is divided by zero") : divisor == -1;

    /// <summary>Integers stay integers unless the exponent is a fraction; torch refuses negative integer exponents.</summary>
    private static ScalarType Exponent(Tensor a, Tensor b) =>
        a.is_floating_point() ? a.dtype
        : b.is_floating_point() || (b.numel() > 0 && b.min().ToInt64() < 0) ? ScalarType.Float64
        : b.dtype;

    private static Tensor BitShift(OperatorCall call) =>
        Of(
            call,
            (a, b) =>
                (b < 0).any().ToBoolean() || (b > 63).any().ToBoolean()
                    ? throw call.Broken("it shifts by less than 0 or more than 63")
                : call.Text("direction", "") == "LEFT" ? a.bitwise_left_shift(b)
                : a.bitwise_right_shift(b)
        );
}

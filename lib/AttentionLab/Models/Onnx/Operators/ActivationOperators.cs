using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>Activations and other functions of one tensor, element by element.</summary>
internal static class ActivationOperators
{
    public static OperatorFamily Family { get; } = Build();

    private static OperatorFamily Build()
    {
        var family = new OperatorFamily
        {
            { "Relu", call => functional.relu(call.Input()) },
            { "LeakyRelu", call => functional.leaky_relu(call.Input(), call.Float("alpha", 0.01)) },
            { "PRelu", ParametricRelu },
            { "ThresholdedRelu", call => Where(call, x => x > call.Float("alpha", 1), x => x, x => zeros_like(x)) },
            {
                "Elu",
                call => Where(call, x => x > 0, x => x, x => call.Float("alpha", 1) * x.minimum(zeros(1, x.dtype)).expm1())
            },
            { "Celu", call => Celu(call.Input(), call.Float("alpha", 1)) },
            { "Selu", Selu },
            { "Gelu", Gelu },
            { "QuickGelu", call => call.Input() * (call.Input() * call.Float("alpha", 1.702)).sigmoid() },
            { "Sigmoid", call => call.Input().sigmoid() },
            { "HardSigmoid", call => HardSigmoid(call.Input(), call.Float("alpha", 0.2), call.Float("beta", 0.5)) },
            { "HardSwish", call => call.Input() * HardSigmoid(call.Input(), 1.0 / 6, 0.5) },
            { "Swish", call => call.Input() * (call.Input() * call.Float("alpha", 1)).sigmoid() },
            { "Mish", call => call.Input() * functional.softplus(call.Input()).tanh() },
            { "Softplus", call => functional.softplus(call.Input()) },
            { "Softsign", call => call.Input() / (1 + call.Input().abs()) },
            { "Tanh", call => call.Input().tanh() },
            { "Erf", call => call.Input().erf() },
            { "Exp", call => call.Input().exp() },
            { "Log", call => call.Input().log() },
            { "Sqrt", call => call.Input().sqrt() },
            { "Reciprocal", call => call.Input().reciprocal() },
            { "Abs", call => call.Input().abs() },
            { "Neg", call => call.Input().neg() },
            { "Sign", call => call.Input().sign() },
            { "Floor", call => call.Input().floor() },
            { "Ceil", call => call.Input().ceil() },
            { "Round", call => call.Input().round() },
            { "Sin", call => call.Input().sin() },
            { "Cos", call => call.Input().cos() },
            { "Tan", call => call.Input().tan() },
            { "Asin", call => call.Input().asin() },
            { "Acos", call => call.Input().acos() },
            { "Atan", call => call.Input().atan() },
            { "Sinh", call => call.Input().sinh() },
            { "Cosh", call => call.Input().cosh() },
            { "Asinh", call => call.Input().asinh() },
            { "Acosh", call => call.Input().acosh() },
            { "Atanh", call => call.Input().atanh() },
            { "IsNaN", call => call.Input().isnan() },
            { "IsInf", IsInfinite },
            { "Shrink", Shrink },
            { "Clip", Clip },
            { "Softmax", call => OverClasses(call, x => functional.softmax(x.Values, x.Axis)) },
            { "LogSoftmax", call => OverClasses(call, x => functional.log_softmax(x.Values, x.Axis)) },
            { "Hardmax", call => OverClasses(call, Hardmax) },
            { "Identity", call => call.Input().alias() },
        };
        family.AddSeveral("Dropout", Dropout);
        return family;
    }

    private static Tensor HardSigmoid(Tensor input, double alpha, double beta) => ((input * alpha) + beta).clamp(0, 1);

    private static Tensor Celu(Tensor x, double alpha) => x.clamp(min: 0) + (alpha * (x.clamp(max: 0) / alpha).expm1());

    private static Tensor Selu(OperatorCall call)
    {
        Tensor x = call.Input();
        double alpha = call.Float("alpha", 1.67326319217681884765625),
            gamma = call.Float("gamma", 1.05070102214813232421875);
        return gamma * (x.clamp(min: 0) + (alpha * x.clamp(max: 0).expm1()));
    }

    private static Tensor Gelu(OperatorCall call)
    {
        Tensor x = call.Input();
        return call.Text("approximate", "none") == "tanh"
            ? 0.5 * x * (1 + (Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x.pow(3)))).tanh())
            : functional.gelu(x);
    }

    /// <summary>The slope has a number for each channel, and takes part by NumPy's rules since version 7.</summary>
    private static Tensor ParametricRelu(OperatorCall call)
    {
        Tensor x = call.Input(),
            slope = call.Input(1);
        bool byChannel = slope.dim() == 1 && x.dim() > 1 && slope.shape[0] == x.shape[1] && x.shape[^1] != slope.shape[0];
        slope =
            byChannel || (call.Opset < 7 && slope.dim() == 1 && x.dim() > 1)
                ? slope.reshape([slope.shape[0], .. Enumerable.Repeat(1L, (int)x.dim() - 2)])
                : slope;
        call.Broadcast(x.shape, slope.shape);
        return x.clamp(min: 0) + (slope * x.clamp(max: 0));
    }

    private static Tensor Where(
        OperatorCall call,
        Func<Tensor, Tensor> test,
        Func<Tensor, Tensor> then,
        Func<Tensor, Tensor> other
    )
    {
        Tensor x = call.Input();
        return where(test(x), then(x), other(x));
    }

    private static Tensor IsInfinite(OperatorCall call)
    {
        Tensor x = call.Input();
        Tensor positive = x == double.PositiveInfinity,
            negative = x == double.NegativeInfinity;
        return (
            positive.logical_and(call.Int("detect_positive", 1) != 0 ? ones_like(positive) : zeros_like(positive))
        ).logical_or(negative.logical_and(call.Int("detect_negative", 1) != 0 ? ones_like(negative) : zeros_like(negative)));
    }

    private static Tensor Shrink(OperatorCall call)
    {
        Tensor x = call.Input();
        double bias = call.Float("bias", 0),
            lambda = call.Float("lambd", 0.5);
        return where(x < -lambda, x + bias, where(x > lambda, x - bias, zeros_like(x)));
    }

    private static Tensor Clip(OperatorCall call)
    {
        Tensor x = call.Input();
        double[]? low = call.Opset < 11 ? [call.Float("min", double.NegativeInfinity)] : call.Numbers(1),
            high = call.Opset < 11 ? [call.Float("max", double.PositiveInfinity)] : call.Numbers(2);
        double least = low?[0] ?? double.NegativeInfinity,
            most = high?[0] ?? double.PositiveInfinity;
        return x.is_floating_point() ? x.clamp(least, most) : x.clamp(Whole(least, x.dtype), Whole(most, x.dtype));
    }

    private static Scalar Whole(double bound, ScalarType type) =>
        type switch
        {
            ScalarType.Byte => (long)Math.Clamp(bound, 0, byte.MaxValue),
            ScalarType.Int8 => (long)Math.Clamp(bound, sbyte.MinValue, sbyte.MaxValue),
            ScalarType.Int16 => (long)Math.Clamp(bound, short.MinValue, short.MaxValue),
            ScalarType.Int32 => (long)Math.Clamp(bound, int.MinValue, int.MaxValue),
            _ => bound >= long.MaxValue ? long.MaxValue
            : bound <= long.MinValue ? long.MinValue
            : (long)bound,
        };

    /// <summary>Before version 13 all axes from the named one on are one.</summary>
    private static Tensor OverClasses(OperatorCall call, Func<(Tensor Values, long Axis), Tensor> run)
    {
        Tensor x = call.Input();
        if (call.Opset >= 13)
        {
            return run((x, call.Axis(call.Int("axis", -1), x.dim())));
        }

        long axis = call.Int("axis", 1);
        axis = axis == x.dim() ? axis : call.Axis(axis, x.dim());
        return run((ShapeOperators.Matrix(x, axis), 1)).reshape(x.shape);
    }

    private static Tensor Hardmax((Tensor Values, long Axis) of) =>
        zeros_like(of.Values).scatter(of.Axis, of.Values.argmax(of.Axis, keepdim: true), ones_like(of.Values));

    /// <summary>Networks are asked in evaluation mode: nothing is dropped. The mask is true everywhere.</summary>
    private static IEnumerable<Tensor> Dropout(OperatorCall call)
    {
        yield return call.Input().alias();
        if (call.Node.Outputs.Count > 1)
        {
            yield return ones_like(call.Input(), ScalarType.Bool);
        }
    }
}

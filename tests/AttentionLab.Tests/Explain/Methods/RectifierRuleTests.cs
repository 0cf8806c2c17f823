using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Tests.Models.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain.Methods;

/// <summary>
/// Rules that name ReLU, at ReLU and each of its relatives, as a module, in place, as a function and as an ONNX file has it. The
/// network: y = 2·a(z₀) + 2·a(z₁) + 2·a(z₂) − a(z₃), the z being the picture's pixels −1, 1, 7 and 1. Guided backpropagation gives
/// 2·a'(z) at the first three and nothing at the last, deconvolution 2 and nothing.
/// </summary>
[Trait("Kind", "Numeric")]
public sealed class RectifierRuleTests : IDisposable
{
    private static readonly float[] Pixels = [-1, 1, 7, 1];
    private readonly DisposeScope _scope = NewDisposeScope();

    /// <summary>a', by hand; of GELU Φ(z) + z·φ(z), of SiLU σ(z)·(1 + z·(1 − σ(z))), of Hardswish (2·z + 3) / 6 between −3 and
    /// 3.</summary>
    public static TheoryData<string, double[]> Derivatives =>
        new()
        {
            { "relu", [0, 1, 1] },
            { "relu6", [0, 1, 0] },
            { "leaky", [0.01, 1, 1] },
            { "gelu", [1 - 1.0833154705876864, 1.0833154705876864, 1] },
            { "silu", [Silu(-1), Silu(1), Silu(7)] },
            { "hardswish", [1 / 6.0, 5 / 6.0, 1] },
        };

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Derivatives))]
    public void Modules_in_place_or_not(string activation, double[] derivative)
    {
        foreach (bool inplace in new[] { false, true })
        {
            Module<Tensor, Tensor> layer = activation switch
            {
                "relu" => ReLU(inplace),
                "relu6" => ReLU6(inplace),
                "leaky" => LeakyReLU(0.01, inplace),
                "gelu" => GELU(),
                "silu" => SiLU(inplace),
                _ => Hardswish(inplace),
            };
            (Conv2d conv, Linear fc) = Layers();
            using Module<Tensor, Tensor> network = Sequential(conv, layer, Flatten(), fc);
            AssertRules(network, derivative);
        }
    }

    [Theory]
    [MemberData(nameof(Derivatives))]
    public void Functions_on_a_modules_output(string activation, double[] derivative)
    {
        (Conv2d conv, Linear fc) = Layers();
        using var network = new Composed(
            x =>
            {
                Tensor z = conv.call(x);
                return fc.call(
                    (
                        activation switch
                        {
                            "relu" => z.relu_(),
                            "relu6" => functional.relu6(z),
                            "leaky" => functional.leaky_relu(z, 0.01),
                            "gelu" => functional.gelu(z),
                            "silu" => functional.silu(z),
                            _ => functional.hardswish(z),
                        }
                    ).flatten(1)
                );
            },
            ("conv", conv),
            ("fc", fc)
        );
        AssertRules(network, derivative);
    }

    [Theory]
    [MemberData(nameof(Derivatives))]
    public void Nodes_of_an_ONNX_file(string activation, double[] derivative)
    {
        using OnnxNetwork network = OnnxNetwork.Read(File(activation), null);
        Type expected = activation switch
        {
            "relu" => typeof(ReLU),
            "relu6" => typeof(ReLU6),
            "leaky" => typeof(LeakyReLU),
            "gelu" => typeof(GELU),
            "silu" => typeof(SiLU),
            _ => typeof(Hardswish),
        };
        Assert.Single(network.modules(), part => part.GetType() == expected);
        AssertRules(network, derivative);
    }

    [Fact]
    public void Hardswish_as_older_exporters_write_it()
    {
        byte[] file = Begin()
            .Floats("three", [], 3)
            .Floats("zero", [], 0)
            .Floats("six", [], 6)
            .Node("Add", "Add", ["z", "three"], ["s"])
            .Node("Clip", "Clip", ["s", "zero", "six"], ["c"])
            .Node("Mul", "Mul", ["z", "c"], ["m"])
            .Node("Div", "Div", ["m", "six"], ["a"])
            .ToArray();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);
        Assert.Single(network.modules(), part => part is Hardswish);
        AssertRules(network, [1 / 6.0, 5 / 6.0, 1]);
    }

    [Fact]
    public void A_gate_is_no_activation()
    {
        // x · σ(w), of two values: the sigmoid stays a gate.
        byte[] file = Begin()
            .Node("Neg", "Neg", ["z"], ["w"])
            .Node("Sigmoid", "s", ["w"], ["g"])
            .Node("Mul", "m", ["z", "g"], ["a"])
            .ToArray();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);
        Assert.DoesNotContain(network.modules(), part => part is SiLU);
    }

    /// <summary>
    /// Two residual blocks whose ReLU of a sum is a function, beside the same with modules: relu(conv(a) + a) of a = relu(conv(x)), whose
    /// result both the next convolution and the next shortcut take.
    /// </summary>
    [Theory]
    [InlineData("guided-backpropagation")]
    [InlineData("deconvolution")]
    [InlineData("lrp-epsilon")]
    [InlineData("deep-lift")]
    public void A_function_of_a_residual_sum_is_like_a_module_of_it(string method)
    {
        Conv2d[] convs = [.. Enumerable.Range(0, 3).Select(_ => Conv2d(1, 1, kernel_size: 3, padding: 1))];
        ReLU[] relus = [.. Enumerable.Range(0, 3).Select(_ => ReLU())];
        Linear fc = Linear(16, 2);
        (string, Module)[] parts = [("conv0", convs[0]), ("conv1", convs[1]), ("conv2", convs[2]), ("fc", fc)];
        Composed Network(Func<Tensor, int, Tensor> relu, params (string, Module)[] more) =>
            Fixture.WithFormulaWeights(
                new Composed(
                    x =>
                    {
                        Tensor a = relu(convs[0].call(x), 0),
                            b = relu(convs[1].call(a) + a, 1);
                        return fc.call(relu(convs[2].call(b) + b, 2).flatten(1));
                    },
                    [.. parts, .. more]
                )
            );
        using Composed functions = Network((x, _) => functional.relu(x)),
            modules = Network((x, i) => relus[i].call(x), ("relu0", relus[0]), ("relu1", relus[1]), ("relu2", relus[2]));
        Tensor picture = Fixture.FormulaInput()[..1, ..1, ..16, ..16][.., .., ^4.., ^4..].contiguous();
        float[] expected = ExplanationMethods.Get(method).Explain(modules, picture, Options)[0].Flat();
        Explanation result = ExplanationMethods.Get(method).Explain(functions, picture, Options)[0];
        Assert.Contains(expected, value => value != 0);

        // The same operations; only gradients of several paths may be added up in another order.
        double tolerance = Tolerance.Rounding(16) * expected.Max(Math.Abs);
        Assert.Equal(expected, result.Flat(), (a, b) => Math.Abs(a - b) <= tolerance);
        Assert.Empty(result.Remarks);
    }

    [Fact]
    public void A_function_that_is_not_recognised_is_reported_with_the_layer_behind_it()
    {
        (Conv2d conv, Linear fc) = Layers();
        using var relu = ReLU();
        using var network = new Composed(
            x => fc.call(functional.relu(relu.call(conv.call(x)) * 3).flatten(1)),
            ("conv", conv),
            ("relu", relu),
            ("fc", fc)
        );
        Assert.Equal(
            "guided-backpropagation: what goes into fc is nowhere negative and of no layer: if the network's code computes an activation "
                + "there by a function, it passes its gradient back unchanged. Make it a module (ReLU()).",
            Assert.Single(new GuidedBackpropagation().Explain(network, Picture(), Options)[0].Remarks)
        );
    }

    [Fact]
    public void An_activation_without_a_rule_is_named()
    {
        (Conv2d conv, Linear fc) = Layers();
        using Module<Tensor, Tensor> network = Sequential(
            ("conv", conv),
            ("tanh", Tanh()),
            ("relu", ReLU()),
            ("flat", Flatten()),
            ("fc", fc)
        );
        Explanation result = new GuidedBackpropagation().Explain(network, Picture(), Options)[0];
        Assert.Equal(
            "guided-backpropagation: the rule is of ReLU and its relatives; tanh (Tanh) passes its gradient back unchanged.",
            Assert.Single(result.Remarks)
        );
    }

    private static ExplanationOptions Options { get; } = new() { Target = Target.Class(0), Output = OutputKind.Logits };

    private static void AssertRules(Module<Tensor, Tensor> network, double[] derivative)
    {
        AssertMap(new GuidedBackpropagation { Pooling = ColourPooling.Sum }, [.. derivative.Select(slope => 2 * slope), 0]);
        AssertMap(new Deconvolution { Pooling = ColourPooling.Sum }, [2, 2, 2, 0]);

        // Products and sums of a few numbers up to 2; torch computes exp and erf within a few units in the last place.
        void AssertMap(PixelMethod method, double[] expected) =>
            Assert.Equal(
                expected,
                method.Explain(network, Picture(), Options)[0].Flat().Select(value => (double)value),
                (a, b) => Math.Abs(a - b) <= 2 * Tolerance.Rounding(32)
            );
    }

    private static Tensor Picture() => tensor(Pixels, [1, 1, 1, 4]);

    private static (Conv2d Conv, Linear Head) Layers()
    {
        Conv2d conv = Conv2d(1, 1, kernel_size: 1, bias: false);
        Linear fc = Linear(4, 2, hasBias: false);
        using IDisposable frozen = no_grad();
        conv.weight.fill_(1);
        fc.weight.copy_(tensor([2f, 2, 2, -1, 0, 0, 0, 0], [2, 4]));
        return (conv, fc);
    }

    private static OnnxWriter Begin() =>
        new OnnxWriter(17)
            .Input("x", 1, 1, 1, 4)
            .Output("y", 1, 2)
            .Floats("conv.weight", [1, 1, 1, 1], 1)
            .Floats("fc.weight", [2, 4], 2, 2, 2, -1, 0, 0, 0, 0)
            .Node("Conv", "conv", ["x", "conv.weight"], ["z"])
            .Node("Flatten", "flat", ["a"], ["f"])
            .Node("Gemm", "fc", ["f", "fc.weight"], ["y"], attributes: [("transB", 1)]);

    private static byte[] File(string activation) =>
        (
            activation switch
            {
                "relu" => Begin().Node("Relu", "act", ["z"], ["a"]),
                "relu6" => Begin().Floats("low", [], 0).Floats("high", [], 6).Node("Clip", "act", ["z", "low", "high"], ["a"]),
                "leaky" => Begin().Node("LeakyRelu", "act", ["z"], ["a"], attributes: [("alpha", 0.01f)]),
                "gelu" => Begin()
                    .Floats("root", [], 1.41421356f)
                    .Floats("one", [], 1)
                    .Floats("half", [], 0.5f)
                    .Node("Div", "act/Div", ["z", "root"], ["d"])
                    .Node("Erf", "act/Erf", ["d"], ["e"])
                    .Node("Add", "act/Add", ["e", "one"], ["s"])
                    .Node("Mul", "act/Mul", ["z", "s"], ["m"])
                    .Node("Mul", "act/Mul_1", ["m", "half"], ["a"]),
                "silu" => Begin().Node("Sigmoid", "act/Sigmoid", ["z"], ["s"]).Node("Mul", "act/Mul", ["z", "s"], ["a"]),
                _ => Begin()
                    .Node("HardSigmoid", "act/HardSigmoid", ["z"], ["s"], attributes: [("alpha", 1 / 6f), ("beta", 0.5f)])
                    .Node("Mul", "act/Mul", ["z", "s"], ["a"]),
            }
        ).ToArray();

    private static double Silu(double z)
    {
        double s = 1 / (1 + Math.Exp(-z));
        return s * (1 + (z * (1 - s)));
    }
}

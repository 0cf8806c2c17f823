using AttentionLab.Explain;
using AttentionLab.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain.Methods;

/// <summary>Whether the input's part and the biases' parts add up to the score, and what is said where they do not.</summary>
public sealed class FullGradTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    private static IReadOnlyList<string> Remarks(Module<Tensor, Tensor> model, Tensor input) =>
        new FullGrad().Explain(model, input)[0].Remarks;

    [Fact]
    public void For_the_plain_network_they_add_up() =>
        Assert.Empty(Remarks(Fixture.WithFormulaWeights(new Cnn()), Fixture.FormulaInput()));

    [Theory]
    [InlineData("GroupNorm")]
    [InlineData("LayerNorm")]
    [InlineData("InstanceNorm")]
    [InlineData("ConvTranspose")]
    [InlineData("GELU")]
    [InlineData("SiLU in place")]
    [InlineData("a layer of one's own")]
    public void Biases_of_other_layers_count_too(string name)
    {
        manual_seed(1);
        Module<Tensor, Tensor> layer = name switch
        {
            "GroupNorm" => GroupNorm(2, 4),
            "LayerNorm" => LayerNorm([4, 8, 8]),
            "InstanceNorm" => InstanceNorm2d(4, affine: true),
            "ConvTranspose" => ConvTranspose2d(4, 4, kernel_size: 3, padding: 1),
            "GELU" => GELU(),
            "SiLU in place" => SiLU(inplace: true),
            _ => new Shifted(),
        };
        using (no_grad())
        {
            foreach (Parameter parameter in layer.parameters())
            {
                parameter.add_(rand_like(parameter));
            }
        }

        using Sequential model = Sequential(
            ("conv", Conv2d(3, 4, kernel_size: 3, padding: 1)),
            ("layer", layer),
            ("relu", ReLU()),
            ("mean", new ChannelMean()),
            ("flat", Flatten()),
            ("fc", Linear(4, 3))
        );
        Assert.Empty(Remarks(model, Fixture.FormulaInput()[.., .., ..8, ..8]));
    }

    /// <summary>A 1×1 convolution is a linear layer of each place, in whatever order the dimensions stand.</summary>
    [Theory]
    [InlineData("channels last")]
    [InlineData("tokens")]
    [InlineData("windows")]
    public void A_linear_layer_of_places_counts_as_the_convolution_that_it_is(string order)
    {
        manual_seed(2);
        var before = Conv2d(3, 4, kernel_size: 3, padding: 1);
        var pointwise = Conv2d(4, 4, kernel_size: 1);
        var linear = Linear(4, 4);
        var after = Linear(4, 3);
        using (no_grad())
        {
            linear.weight.copy_(pointwise.weight.reshape(4, 4));
            linear.bias!.copy_(pointwise.bias!);
        }

        using Sequential convolved = Network(pointwise),
            other = Network(new OfPlaces(order, linear));
        Tensor input = Fixture.FormulaInput()[..1, .., ..8, ..8];
        Explanation expected = new FullGrad().Explain(convolved, input)[0],
            actual = new FullGrad().Explain(other, input)[0];
        Assert.Empty(actual.Remarks);
        double bound = 100 * Tolerance.BetweenFloat32(100); // values up to some dozens: a map of each channel between 0 and 1
        float[,] wanted = expected[0].ToArray(),
            got = actual[0].ToArray();
        bool hasPlace = order != "windows";
        Assert.Equal(
            hasPlace,
            wanted.Cast<float>().Zip(got.Cast<float>()).All(pair => Math.Abs(pair.First - pair.Second) <= bound)
        );

        Sequential Network(Module<Tensor, Tensor> layer) =>
            Sequential(
                ("conv", before),
                ("layer", layer),
                ("relu", ReLU()),
                ("mean", new ChannelMean()),
                ("flat", Flatten()),
                ("fc", after)
            );
    }

    [Fact]
    public void A_vision_transformer_from_ONNX_is_explained_and_told_what_its_products_leave_out()
    {
        string file = Fixture.Shared("parity/onnx/vit.onnx");
        using OnnxNetwork network = OnnxNetwork.Load(file);
        Tensor input = Safetensors.Load(Path.ChangeExtension(file, ".safetensors"))["input"][..1];
        Explanation map = new FullGrad().Explain(network, input)[0];
        Assert.All(map[0].ToArray().Cast<float>(), value => Assert.True(float.IsFinite(value)));
        Assert.Contains("a product of two values", Assert.Single(map.Remarks), StringComparison.Ordinal);
    }

    /// <summary>A layer of the last dimension, for N×C×8×8 in another order.</summary>
    private sealed class OfPlaces : Module<Tensor, Tensor>
    {
        private readonly string _order;
        private readonly Linear linear;

        public OfPlaces(string order, Linear linear)
            : base(nameof(OfPlaces))
        {
            (_order, this.linear) = (order, linear);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            Tensor last = input.permute(0, 2, 3, 1),
                output = _order switch
                {
                    "channels last" => linear.call(last),
                    "tokens" => linear.call(last.reshape(-1, 64, 4)).reshape(last.shape),
                    _ => linear
                        .call(last.reshape(-1, 2, 4, 2, 4, 4).permute(0, 1, 3, 2, 4, 5).reshape(-1, 16, 4))
                        .reshape(-1, 2, 2, 4, 4, 4)
                        .permute(0, 1, 3, 2, 4, 5)
                        .reshape(last.shape),
                };
            return output.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
        }
    }

    [Fact]
    public void The_implicit_bias_of_GroupNorm_is_as_its_formula_has_it()
    {
        // y = w·z + b, z = (x − μ)/√(σ² + ε); along x itself z grows by z·ε/(σ² + ε), so J·x = w·z·ε/(σ² + ε).
        using GroupNorm norm = GroupNorm(1, 2);
        using (no_grad())
        {
            norm.weight!.copy_(tensor([2f, 3]));
            norm.bias!.copy_(tensor([0.5f, -1]));
        }

        double[] x = [0.01, 0.02, 0, -0.01]; // a variance of 1.25e-4, near ε = 1e-5
        double mean = x.Average(),
            variance = x.Average(value => (value - mean) * (value - mean)),
            epsilon = 1e-5;
        IEnumerable<double> expected = x.Select(
            (value, i) =>
                ((i < 2 ? 2 : 3) * (value - mean) / Math.Sqrt(variance + epsilon) * (1 - (epsilon / (variance + epsilon))))
                + (i < 2 ? 0.5 : -1)
        );
        Tensor bias = BiasTerm.Of(norm, tensor([.. x.Select(value => (float)value)], [1, 2, 1, 2]))!;
        Assert.Equal(expected, bias.data<float>().Select(value => (double)value), Close);

        // x̂ up to 3·0.015/0.0116 < 4; σ² + ε of squares of 0.02 is off by as much as they are. A dozen operations each.
        static bool Close(double a, double b) => Math.Abs(a - b) <= 4 * Tolerance.Rounding(32);
    }

    [Fact]
    public void What_a_function_adds_is_missing_and_the_result_says_how_much()
    {
        // 5·mean(max(0, 2·1 + 3)) = 25, of which the input's part is 5·2·1 = 10.
        using Conv2d conv = Conv2d(1, 1, kernel_size: 1, bias: false);
        using Linear fc = Linear(1, 1, hasBias: false);
        using (no_grad())
        {
            conv.weight.fill_(2);
            fc.weight.fill_(5);
        }

        using var model = new Composed(x => fc.call(functional.relu(conv.call(x) + 3).mean([2, 3])), ("conv", conv), ("fc", fc));
        string remark = Assert.Single(Remarks(model, ones(3, 1, 4, 4)));
        Assert.Contains("add up to 10 of 25: 15 is missing.", remark, StringComparison.Ordinal);
    }

    [Fact]
    public void Attention_multiplies_and_the_result_names_it()
    {
        string remark = Assert.Single(Remarks(Fixture.WithFormulaWeights(new SeCnn()), Fixture.FormulaInput()[..1]));
        Assert.Contains("a product of two values, as attention makes it (ca1, ca2, ca3)", remark, StringComparison.Ordinal);
    }

    /// <summary>A layer that adds its parameter by a function.</summary>
    [Fact]
    public void A_layer_that_outputs_a_single_number_counts_and_has_no_place()
    {
        var model = new OfOneNumber();
        Tensor input = arange(4, dtype: ScalarType.Float32).reshape(1, 1, 2, 2);

        Explanation seen = new FullGrad().Explain(model, input)[0];

        // y = 2·mean + 5: the input contributes 2·x / 4, which is stretched to 0 … 1; the bias has no place.
        Assert.Empty(seen.Remarks);
        Assert.Equal([0f, 1 / 3f, 2 / 3f, 1f], seen[0].Values.ToArray(), Close);

        static bool Close(float a, float b) => Math.Abs(a - b) < 1e-6f;
    }

    private sealed class OfOneNumber : Module<Tensor, Tensor>
    {
        private readonly ShiftedNumber _layer = new();

        public OfOneNumber()
            : base(nameof(OfOneNumber)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            Tensor one = _layer.call(input.mean());
            return stack([one, -one]).unsqueeze(0);
        }
    }

    private sealed class ShiftedNumber : Module<Tensor, Tensor>
    {
        private readonly Parameter _shift = new(tensor(5f));

        public ShiftedNumber()
            : base(nameof(ShiftedNumber)) => RegisterComponents();

        public override Tensor forward(Tensor input) => (2 * input) + _shift;
    }

    private sealed class Shifted : Module<Tensor, Tensor>
    {
        private readonly Parameter _shift = new(rand(1, 4, 1, 1));

        public Shifted()
            : base(nameof(Shifted)) => RegisterComponents();

        public override Tensor forward(Tensor input) => (2 * input) + _shift;
    }
}

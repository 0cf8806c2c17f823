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
    private sealed class Shifted : Module<Tensor, Tensor>
    {
        private readonly Parameter _shift = new(rand(1, 4, 1, 1));

        public Shifted()
            : base(nameof(Shifted)) => RegisterComponents();

        public override Tensor forward(Tensor input) => (2 * input) + _shift;
    }
}

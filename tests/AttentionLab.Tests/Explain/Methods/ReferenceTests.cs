using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain.Methods;

/// <summary>
/// The methods on the formula's networks, against values computed without torch, and against what must hold of them.
/// </summary>
[Trait("Kind", "Numeric")]
public sealed class ReferenceTests : IDisposable
{
    private static readonly Dictionary<string, Tensor> Expected = Safetensors.Load(Fixture.Path("explain1.safetensors"));

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    public static IEnumerable<TheoryDataRow<string, string>> Cases =>
        from network in new[] { "plain", "se" }
        from method in new[]
        {
            "grad-cam++",
            "xgrad-cam",
            "eigen-cam",
            "eigen-grad-cam",
            "score-cam",
            "ablation-cam",
            "gradients",
            "guided-backpropagation",
            "integrated-gradients",
            "occlusion",
        }
        select new TheoryDataRow<string, string>(network, method);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Maps_are_those_of_the_networks_written_out_in_NumPy(string network, string method)
    {
        // In double precision, where a ReLU does not switch by rounding: reference and map are rounded once, when stored in
        // float32. PrecisionTests say what float32 adds.
        using Module<Tensor, Tensor> model = Fixture.WithFormulaWeights(NetworkTests.Create(network)).to(ScalarType.Float64);
        Tensor expected = Expected[$"{network}/{method}"],
            input = Fixture.FormulaInput()[..(int)expected.shape[0]].to(ScalarType.Float64);
        Explanation result = Assert.Single(ExplanationMethods.Get(method).Explain(model, input, new() { Layers = ["conv3"] }));
        Tensor actual = tensor([.. result.Flat()], expected.shape);
        Fixture.AssertClose(expected, actual, 2 * Tolerance.Float32Unit, method);
    }

    [Theory]
    [MemberData(nameof(NetworkTests.Both), MemberType = typeof(NetworkTests))]
    public void Full_gradients_are_those_of_PyTorch_in_double_precision(string network)
    {
        using Module<Tensor, Tensor> model = Fixture.WithFormulaWeights(NetworkTests.Create(network)).to(ScalarType.Float64);
        using Tensor expected = Safetensors.Load(Fixture.Path("peers2.safetensors"))[$"full-grad/{network}"];
        Explanation result = new FullGrad().Explain(model, Fixture.FormulaInput()[..2].to(ScalarType.Float64))[0];
        Fixture.AssertClose(expected, tensor([.. result.Flat()], expected.shape), 2 * Tolerance.Float32Unit, "full-grad");
    }

    [Fact]
    public void Activation_maps_are_means_of_PyTorchs_activations()
    {
        using var model = Fixture.WithFormulaWeights(new Cnn());
        IReadOnlyList<Explanation> results = new ActivationMap().Explain(
            model,
            Fixture.FormulaInput(),
            new() { Layers = ["conv*"] }
        );
        foreach (Explanation result in results)
        {
            Tensor expected = Fixture.Formula[$"plain/{result.Layer}"].mean([1]);
            double conditioning = (Fixture.Formula[$"plain/{result.Layer}"].abs().max() / expected.abs().max()).ToDouble();
            Fixture.AssertClose(
                expected,
                tensor([.. result.Flat()], expected.shape),
                conditioning * Tolerance.BetweenFloat32(Tolerance.ToConv3),
                result.Layer
            );
        }
    }

    [Fact]
    public void Squeeze_excitation_maps_weigh_what_went_in_by_what_was_computed()
    {
        using SeCnn model = Fixture.WithFormulaWeights(new SeCnn());
        IReadOnlyList<Explanation> results = new SqueezeExcitationMap().Explain(model, Fixture.FormulaInput());
        Assert.Equal(["ca1", "ca2", "ca3"], results.Select(result => result.Layer));
        using var extractor = new ActivationExtractor(model, "relu?", "ca?.fc");
        using LayerActivations activations = extractor.Run(Fixture.FormulaInput());
        foreach ((Explanation result, int block) in results.Zip([1, 2, 3]))
        {
            Tensor expected = (activations[$"relu{block}"] * activations[$"ca{block}.fc"].unsqueeze(-1).unsqueeze(-1)).mean([1]);
            // Both explain and extract from one pass's values, but four pictures at once and one by one, which round on their
            // own.
            double tolerance = Tolerance.BetweenFloat32(Tolerance.ToConv3);
            Fixture.AssertClose(expected, tensor([.. result.Flat()], expected.shape), tolerance, result.Layer);
        }

        Assert.Throws<ArgumentException>(() =>
            new SqueezeExcitationMap().Explain(model, Fixture.FormulaInput(), new() { Layers = ["conv3"] })
        );
        using var plain = new Cnn();
        Assert.Throws<ArgumentException>(() => new SqueezeExcitationMap().Explain(plain, Fixture.FormulaInput()));
    }

    [Theory]
    [MemberData(nameof(NetworkTests.Both), MemberType = typeof(NetworkTests))]
    public void Integrated_gradients_add_up_to_what_the_score_gained(string network)
    {
        using Module<Tensor, Tensor> model = Fixture.WithFormulaWeights(NetworkTests.Create(network));
        model.eval();
        Tensor input = Fixture.FormulaInput()[..2];
        Explanation result = new IntegratedGradients().Explain(model, input)[0];
        using IDisposable noGradients = no_grad();
        Tensor zero = model.call(zeros_like(input));

        // The midpoint rule with steps of h is off by at most h/2 times the total variation of the score's slope along the way,
        // which differences on eight times as fine a grid tell but for what happens inside a step of it: twice that is allowed.
        double MidpointError(int picture)
        {
            const int fine = 8 * 64;
            Tensor way = arange(0, fine + 1, ScalarType.Float32).reshape(-1, 1, 1, 1) / fine;
            Tensor scores = model.call(input[picture..(picture + 1)] * way).select(1, result.Classes[picture]);
            Tensor slopes = (scores[1..] - scores[..fine]) * fine;
            return (slopes[1..] - slopes[..(fine - 1)]).abs().sum().ToDouble() / 64;
        }

        for (int picture = 0; picture < 2; picture++)
        {
            double gained =
                result.Logits[picture, result.Classes[picture]] - zero[picture, result.Classes[picture]].item<float>();
            Assert.Equal(gained, result[picture].Flat().Sum(), MidpointError(picture));
        }
    }

    [Fact]
    public void Gradients_are_slopes()
    {
        using Module<Tensor, Tensor> model = Fixture.WithFormulaWeights(new SeCnn()).to(ScalarType.Float64);
        model.eval();
        Tensor input = Fixture.FormulaInput()[..1].to(ScalarType.Float64),
            step = zeros_like(input);
        step[0, .., 13, 17] = 1e-6;
        Explanation result = new Gradients { Pooling = ColourPooling.Sum }.Explain(model, input)[0];
        using IDisposable noGradients = no_grad();
        Tensor slope = (model.call(input + step) - model.call(input - step)).select(1, result.Classes[0]) / 2e-6;

        // A difference of two float64 logits divided by 2·10⁻⁶, and the map's float32.
        double tolerance =
            (Math.Abs(result.Logits[0, result.Classes[0]]) * Tolerance.RoundingInDouble(Tolerance.Forward) / 1e-6)
            + (Math.Abs(slope.item<double>()) * Tolerance.Float32Unit);
        Assert.Equal(slope.item<double>(), result[0][13, 17], tolerance);
    }

    [Fact]
    public void SmoothGrad_without_noise_is_the_gradient_and_with_noise_depends_on_its_seed()
    {
        // In double precision: a batch of one and one of two round differently, and a ReLU could switch.
        using Module<Tensor, Tensor> model = Fixture.WithFormulaWeights(new Cnn()).to(ScalarType.Float64);
        Tensor input = Fixture.FormulaInput()[..1].to(ScalarType.Float64);
        float[] Map(ExplanationMethod method) => [.. method.Explain(model, input)[0].Flat()];

        float[] gradients = Map(new Gradients());
        double tolerance = 2 * Tolerance.Float32Unit * gradients.Max(Math.Abs);
        Assert.Equal(gradients, Map(new SmoothGrad { Noise = 0, Samples = 2 }), (a, b) => Math.Abs(a - b) <= tolerance);
        Assert.Equal(Map(new SmoothGrad { Samples = 3, Seed = 1 }), Map(new SmoothGrad { Samples = 3, Seed = 1 }));
        Assert.NotEqual(Map(new SmoothGrad { Samples = 3, Seed = 1 }), Map(new SmoothGrad { Samples = 3, Seed = 2 }));
    }
}

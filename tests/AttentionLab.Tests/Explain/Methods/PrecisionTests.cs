using AttentionLab.Explain;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain.Methods;

/// <summary>What rounding does to the maps, by arithmetic, so that it holds on every processor.</summary>
[Trait("Kind", "Numeric")]
public sealed class PrecisionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _pictures = Fixture.FormulaInput()[.., .., ..8, ..8].contiguous();

    public static IEnumerable<TheoryDataRow<string, string>> Cases =>
        from network in new[] { "plain", "se", "residual" }
        from method in ExplanationMethods.All.Where(method => method is not AttentionMethod).Select(method => method.Name)
        where method != "se-map" || network != "plain"
        select new TheoryDataRow<string, string>(network, method);

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_picture_explained_alone_and_in_a_batch_has_the_same_map(string network, string method)
    {
        using Module<Tensor, Tensor> model = Create(network);
        float[][] together = Maps(model, method, _pictures);
        for (int picture = 0; picture < _pictures.shape[0]; picture++)
        {
            float[][] alone = Maps(model, method, _pictures[picture..(picture + 1)]);
            Assert.All(
                alone.Zip(together),
                pair => AssertWithin(1e-5, pair.First, pair.Second.AsSpan(picture * pair.First.Length, pair.First.Length))
            );
        }
    }

    /// <summary>
    /// A channel of 256 places, 1 and 3 in turn, whose mean 2 is the score: each place has the gradient 1/256. All numbers on the
    /// way are exact in bfloat16 and float16, and so are the maps, by hand: XGrad-CAM's weight is ΣA·g / ΣA = 1/256, Grad-CAM++'s
    /// Σ g / (2 + ΣA·g) = 1 / (2 + 2), and FullGrad scales the contributions 1/256 and 3/256 to 0 and 1.
    /// </summary>
    [Theory]
    [InlineData("xgrad-cam", ScalarType.BFloat16, 1.0 / 256, 3.0 / 256)]
    [InlineData("xgrad-cam", ScalarType.Float16, 1.0 / 256, 3.0 / 256)]
    [InlineData("grad-cam++", ScalarType.BFloat16, 0.25, 0.75)]
    [InlineData("grad-cam++", ScalarType.Float16, 0.25, 0.75)]
    [InlineData("full-grad", ScalarType.BFloat16, 0, 1)]
    [InlineData("full-grad", ScalarType.Float16, 0, 1)]
    public void A_map_of_many_places_in_half_precision_is_no_rounding(string method, ScalarType type, double low, double high)
    {
        using Module<Tensor, Tensor> conv = Conv2d(1, 1, 1, bias: false),
            relu = ReLU(),
            fc = Linear(1, 2, hasBias: false);
        using var model = new Composed(
            x => fc.call(relu.call(conv.call(x)).mean([2, 3])),
            ("conv", conv),
            ("relu", relu),
            ("fc", fc)
        );
        using (no_grad())
        {
            conv.parameters().Single().fill_(1);
            fc.parameters()
                .Single()
                .copy_(
                    tensor(
                        new float[,]
                        {
                            { 1 },
                            { -1 },
                        }
                    )
                );
        }

        model.to(type);
        Tensor picture = tensor(new float[] { 1, 3 }).repeat(128).view(1, 1, 16, 16).to(type);
        Explanation map = ExplanationMethods.Get(method).Explain(model, picture)[0];
        Assert.All(map[0].Flat().Index(), place => Assert.Equal(place.Index % 2 == 0 ? low : high, place.Item));
    }

    /// <summary>
    /// What float32 computes is what exact arithmetic gives for weights that are a little off: by as much as rounding changes a
    /// sum of as many terms as a unit has inputs. Double precision with such weights shows what that does to a map, divisions by
    /// sums near zero and ReLUs that switch included: with six times the standard deviation, drawn 16 times, it goes further than
    /// rounding.
    /// </summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void In_float32_a_map_is_that_of_double_precision_as_far_as_the_weights_rounding_decides_it(
        string network,
        string method
    )
    {
        using Module<Tensor, Tensor> single = Create(network),
            twice = Create(network).to(ScalarType.Float64);
        Tensor[] weights = [.. twice.parameters().Select(weight => weight.detach().clone())];
        float[][] actual = Maps(single, method, _pictures);
        double[][]? expected = null;
        double[] tolerance = [.. actual.Select(map => 0.0)];
        for (int draw = 0; draw <= 16; draw++)
        {
            using DisposeScope scope = NewDisposeScope();
            if (draw > 0)
            {
                Shake(twice, weights, seed: draw);
            }

            double[][] maps =
            [
                .. Maps(twice, method, _pictures.to(ScalarType.Float64))
                    .Select(map => map.Select(value => (double)value).ToArray()),
            ];
            expected ??= maps;
            for (int layer = 0; layer < maps.Length; layer++)
            {
                double change = expected[layer].Zip(maps[layer], (a, b) => Math.Abs(a - b)).Max(),
                    storage = Tolerance.Float32Unit * expected[layer].Max(Math.Abs);
                tolerance[layer] = Math.Max(tolerance[layer], change + (2 * storage));
            }
        }

        for (int layer = 0; layer < actual.Length; layer++)
        {
            double difference = expected![layer].Zip(actual[layer], (a, b) => Math.Abs(a - b)).Max();
            Assert.True(difference <= tolerance[layer], $"{method}: {difference:g3} off, {tolerance[layer]:g3} allowed.");
        }
    }

    [Fact]
    public void A_channel_that_adds_up_to_rounding_only_has_no_weight_in_XGrad_CAM()
    {
        // Channels [1, −1 + 2⁻²⁴, 0, 0] and [1, 1, 1, 1]; the score is the first channel's first place and the second's sum.
        Tensor picture = tensor([1f, MathF.BitIncrement(-1), 0, 0, 1, 1, 1, 1], [1, 2, 2, 2]);
        using var conv = Identity();
        using var model = new Composed(
            x => conv.call(x) is var a ? (a[.., 0, 0, 0] + a[.., 1].sum([1, 2])).unsqueeze(1) : x,
            ("conv", conv)
        );
        Assert.Equal([1f, 1, 1, 1], new XGradCam().Explain(model, picture, new() { Layers = ["conv"] })[0].Flat());

        // In double precision the sum, 2⁻²⁴, is more than rounding: the weight is its inverse.
        Assert.Equal(
            1 + MathF.ScaleB(1, 24),
            new XGradCam().Explain(model, picture.to(ScalarType.Float64), new() { Layers = ["conv"] })[0][0][0, 0]
        );
    }

    [Fact]
    public void A_bias_whose_gradient_is_the_same_everywhere_but_for_rounding_shows_nothing_in_FullGrad()
    {
        Tensor equal = tensor([0.1f, MathF.BitIncrement(0.1f), MathF.BitDecrement(0.1f), 0.1f], [1, 1, 2, 2]);
        Assert.Equal([0.0, 0, 0, 0], Rounding.MinMax(equal, [2, 3], ScalarType.Float32).data<double>().ToArray());
        Tensor different = tensor([1f, 2, 3, 5], [1, 1, 2, 2]);
        Assert.Equal([0, 0.25, 0.5, 1], Rounding.MinMax(different, [2, 3], ScalarType.Float32).data<double>().ToArray());
    }

    private static Module<Tensor, Tensor> Create(string network) =>
        network switch
        {
            "plain" => Fixture.WithFormulaWeights(new Cnn(classes: 3, imageSize: 8)),
            "se" => Fixture.WithFormulaWeights(new SeCnn(classes: 3, imageSize: 8)),
            _ => Fixture.WithFormulaWeights(new SeResNet(classes: 3, depth: 8)),
        };

    private static float[][] Maps(Module<Tensor, Tensor> model, string method, Tensor pictures) =>
        [.. FewSamples.Get(method).Explain(model, pictures, new() { Target = Target.Class(1) }).Select(result => result.Flat())];

    /// <summary>
    /// Sets each weight a random share off, up to six standard deviations of what rounding does to a sum of a unit's inputs.
    /// </summary>
    private static void Shake(Module<Tensor, Tensor> model, Tensor[] weights, int seed)
    {
        using IDisposable noGradients = no_grad();
        random.manual_seed(seed);
        foreach ((Tensor changed, Tensor weight) in model.parameters().Zip(weights))
        {
            int inputs = (int)Math.Max(1, weight.numel() / weight.shape[0]);
            double share = Math.Sqrt(3) * Tolerance.Float32(inputs); // uniform within √3 deviations has that deviation
            changed.copy_(weight * empty_like(weight).uniform_(1 - share, 1 + share));
        }
    }

    private static void AssertWithin(double share, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        float largest = 0,
            difference = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i]));
            difference = Math.Max(difference, Math.Abs(expected[i] - actual[i]));
        }

        Assert.True(difference <= share * largest, $"{difference:g3} off, {share:g3} of {largest:g3} allowed.");
    }
}

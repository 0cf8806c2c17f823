using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain.Methods;

/// <summary>
/// Methods that share the score out, by hand on <see cref="HandMade"/> and against other ways to compute the same. Of the picture
/// [1, 2; 3, 4] y₀ = x₀₀ + 2·x₀₁ − max(0, 3 − x₀₀) is 3, and −3 for a picture of zeros.
/// </summary>
[Trait("Kind", "Numeric")]
public sealed class AttributionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    // Guided backpropagation [1, 2; 0, 0] times Grad-CAM [1/4, 5/4; 9/4, 13/4].
    [Fact]
    public void Guided_Grad_CAM() => AssertMap(new GuidedGradCam(), 0.25, 2.5, 0, 0);

    // The channels' means are 5/2 and 1/2, their deviations √5/2; half of that is 0.559 above.
    [Fact]
    public void FEM() => AssertMap(new Fem { Deviations = 0.5 }, 0.5, 0, 0, 2.5);

    /// <summary>The largest of n values lies at most √(n − 1) deviations above the mean: 2 of 5 values is the border.</summary>
    [Theory]
    [InlineData(5, 2, true)]
    [InlineData(6, 2, false)]
    [InlineData(5, 1.99, false)]
    public void FEM_says_when_a_layer_has_too_few_places(int places, double deviations, bool isBlank)
    {
        using var layer = Identity();
        using var model = new Composed(x => layer.call(x).flatten(1)[.., ..2], ("layer", layer));
        using Tensor picture = zeros(1, 1, 1, places);
        picture[0, 0, 0, 0] = 1; // as far above the mean as any value can lie
        Explanation result = new Fem { Deviations = deviations }.Explain(model, picture, new() { Layers = ["layer"] })[0];
        Assert.Equal(isBlank, result.Blank.Count == 1);
        if (isBlank)
        {
            Assert.Equal(
                "fem: of the 5 places of layer none can lie more than 2 standard deviations above the mean, and only those above "
                    + "2 are marked, so the map is blank. Take an earlier layer, or fewer Deviations.",
                Assert.Single(result.Remarks)
            );
        }
        else
        {
            Assert.Empty(result.Remarks);
        }
    }

    // y₀ weighs the channels 3/4 and −1/4, y₁ = Σ max(0, A₁) 0 and 1/2, of which 0.6 is taken off.
    [Fact]
    public void Finer_CAM() => AssertMap(new FinerCam(), 0, 1.5 - 0.55, 2.25, 3 + 0.55);

    [Fact]
    public void Finer_CAM_takes_the_classes_with_the_nearest_scores()
    {
        // Scores x, 2x, 5x and 8x; of class 2 the nearest two are 1 and 3: 5 − (2 + 8)/4, at each of four places a quarter.
        using var conv = Conv2d(1, 4, 1, bias: false);
        conv.weight = new Parameter(tensor([1f, 2, 5, 8], [4, 1, 1, 1]));
        using var model = new Composed(x => conv.call(x).mean([2, 3]), ("conv", conv));
        float[] map = Map(
            new FinerCam { Similar = 2, Share = 0.5 },
            model,
            ones(1, 1, 2, 2),
            new()
            {
                Layers = ["input"],
                Target = Target.Class(2),
                Output = OutputKind.Logits,
            }
        );
        Assert.All(map, value => Assert.Equal(2.5 / 4, value, Tolerance.Rounding(16) * 8));
    }

    // On pieces of a line the score has no curvature.
    [Fact]
    public void Shapley_CAM_of_a_piecewise_linear_network_is_Grad_CAM() => AssertMap(new ShapleyCam(), 0.25, 1.25, 2.25, 3.25);

    [Fact]
    public void Shapley_CAM_of_a_square()
    {
        // y = Σ A²: ∇y = 2A, H·A = 2A, so that the weight is the mean of A, 5/2.
        using var conv = Conv2d(1, 1, 1, bias: false);
        conv.weight = new Parameter(ones(1, 1, 1, 1));
        using var model = new Composed(
            x => conv.call(x).square().sum([2, 3]) is var sum ? cat([sum, zeros_like(sum)], 1) : x,
            ("conv", conv)
        );
        Assert.Equal([2.5f, 5, 7.5f, 10], Map(new ShapleyCam(), model, HandMade.Picture, Logits with { Layers = ["conv"] }));
    }

    [Fact]
    public void KPCA_CAM_is_the_first_component_that_power_iteration_finds()
    {
        // Centred, both channels are ±t: (t·t + t·t) / 2 = t·t.
        double[] t = [-1.5, -0.5, 0.5, 1.5];
        double[][] kernel = [.. t.Select(a => t.Select(b => Math.Tanh((a * b) + 1)).ToArray())];
        double[] means = [.. kernel.Select(row => row.Average())];
        double mean = means.Average();
        double[] v = [1, 2, 3, 5];
        double length = 0;
        for (int i = 0; i < 500; i++)
        {
            v = [.. kernel.Select((row, a) => row.Select((value, b) => (value - means[a] - means[b] + mean) * v[b]).Sum())];
            length = Math.Sqrt(v.Sum(x => x * x));
            v = [.. v.Select(x => x / length)];
        }

        double[] expected = [.. v.Select(x => x * Math.Sqrt(length))];
        float[] map = Map(new KpcaCam(), new HandMade(), HandMade.Picture, new() { Layers = ["conv"], Target = Target.Class(0) });

        // A centred vector agrees with a constant by rounding only: the sign is free here.
        int sign = Math.Sign(expected[0] * map[0]);
        Assert.Equal(
            expected.Select(x => sign * x),
            map.Select(x => (double)x),
            (a, b) => Math.Abs(a - b) <= 4 * Tolerance.Rounding(8)
        );
    }

    [Fact]
    public void DeepLIFT()
    {
        AssertMap(new DeepLift(), 2, 4, 0, 0);
        AssertMap(new DeepLift(), 1, [-1, -2, -3, -3]); // the last ReLU has the slope (0 − 3) / (−1 − 3)
        AssertMap(new DeepLift { Baseline = [1] }, 0, 2, 0, 0);
    }

    /// <summary>What pixels add makes up the score, through activations of all kinds, maxima and sums of two paths.</summary>
    [Theory]
    [InlineData("relu")]
    [InlineData("gelu")]
    [InlineData("silu")]
    [InlineData("tanh")]
    [InlineData("functional")]
    public void DeepLIFT_is_complete(string activation)
    {
        using Module<Tensor, Tensor> conv = Conv2d(2, 3, 3, padding: 1),
            second = Conv2d(3, 3, 1),
            pool = MaxPool2d(3, stride: 2),
            fc = Linear(12, 2);
        using Module<Tensor, Tensor> act = activation switch
        {
            "gelu" => GELU(),
            "silu" => SiLU(),
            "tanh" => Tanh(),
            _ => ReLU(),
        };
        using var model = new Composed(
            x =>
            {
                // A function is found where its value enters a layer, not where it is added to another.
                Tensor a = conv.call(x),
                    b = activation == "functional" ? second.call(functional.relu(a)) : act.call(a);
                return fc.call(pool.call(activation == "functional" ? b : b + second.call(b)).flatten(1));
            },
            ("conv", conv),
            ("second", second),
            ("act", act),
            ("pool", pool),
            ("fc", fc)
        );
        Fill(model);
        Tensor picture = tensor(new RandomStream(5).Normal(50), [1, 2, 5, 5]);
        Explanation result = new DeepLift().Explain(model, picture, Logits)[0];
        Assert.Empty(result.Remarks);
        float[] values = [.. result.Flat()];
        using Tensor scores = model.call(cat([picture, zeros_like(picture)])).detach();
        double expected = scores[0, 0].item<float>() - scores[1, 0].item<float>(),
            size = values.Sum(value => Math.Abs((double)value));

        // Slopes are quotients of differences with 16 units of rounding to spare: each part is right to a few hundred units.
        Assert.Equal(expected, values.Sum(value => (double)value), (size + Math.Abs(expected)) * Tolerance.Rounding(4096));
        Assert.True(size > 0.1);
    }

    [Fact]
    public void DeepLIFT_says_what_it_misses()
    {
        using var conv = Conv2d(1, 1, 1, bias: false);
        conv.weight = new Parameter(ones(1, 1, 1, 1));
        using var model = new Composed(
            x => conv.call(x).square().sum([2, 3]) is var sum ? cat([sum, zeros_like(sum)], 1) : x,
            ("conv", conv)
        );
        Explanation result = new DeepLift().Explain(model, HandMade.Picture, Logits)[0];
        Assert.Contains("-30 of 30 is missing", Assert.Single(result.Remarks), StringComparison.Ordinal); // 2x·x for x²
    }

    [Fact]
    public void LRP_by_the_epsilon_rule()
    {
        // Of 3 the head gives 1, 4 and −2; A₁ = 3 − x shares −1/2 of its −2 to x.
        AssertMap(new LrpEpsilon { Epsilon = 0 }, 2, 4, 0, 0);

        // With ε = 1 the head gives 3/4 of that, A₀ 1/2 and 2/3 of its own, A₁ −1/3.
        AssertMap(new LrpEpsilon { Epsilon = 1 }, 0.875, 2, 0, 0);
    }

    [Fact]
    public void LRP_by_the_gamma_rule()
    {
        // γ = 1: the head's 1, 4, −2 count 2, 8, −2 of 8, of 3; A₁ = 3 − x counts 6 − 1: −1/5 to x.
        AssertMap(new LrpGamma { Epsilon = 0, Gamma = 1 }, 0.75 + 0.15, 3, 0, 0);
        AssertMap(new LrpGamma { Epsilon = 0, Gamma = 0 }, 2, 4, 0, 0);
    }

    [Fact]
    public void LRP_of_a_network_without_biases_is_gradient_times_input_and_keeps_the_sum()
    {
        using Module<Tensor, Tensor> model = Sequential(
            Conv2d(2, 4, 3, bias: false),
            ReLU(),
            MaxPool2d(2),
            Flatten(),
            Linear(16, 2, hasBias: false)
        );
        Fill(model);
        Tensor picture = tensor(new RandomStream(6).Normal(72), [1, 2, 6, 6]);
        float[] relevance = Map(new LrpEpsilon { Epsilon = 0 }, model, picture, Logits);
        Tensor leaf = picture.clone().requires_grad_();
        Tensor score = model.call(leaf)[0, 0];
        score.backward();
        float[] expected = [.. (leaf.grad! * picture).sum(1).ToFloats()];
        double tolerance = Tolerance.Rounding(256) * relevance.Max(Math.Abs);
        Assert.Equal(expected, relevance, (a, b) => Math.Abs(a - b) <= tolerance);

        // By the γ rule nothing is lost either.
        float[] calm = Map(new LrpGamma { Epsilon = 0 }, model, picture, Logits);
        Assert.Equal(
            score.item<float>(),
            calm.Sum(value => (double)value),
            Tolerance.Rounding(1024) * calm.Sum(value => Math.Abs((double)value))
        );
    }

    [Fact]
    public void GradientSHAP_without_noise_is_the_mean_of_random_steps()
    {
        // y = max(0, x − 1) at x = 4 passes the gradient on three quarters of the way: 4·3/4, by 4,000 steps within six standard
        // deviations of 4·√(3/16 / 4000).
        using var model = new Composed(x => (x - 1).relu().flatten(1) is var y ? cat([y, zeros_like(y)], 1) : x);
        float[] map = Map(new GradientShap { Noise = 0, Samples = 4000 }, model, full([1, 1, 1, 1], 4f), Logits);
        Assert.Equal(3, Assert.Single(map), 6 * 4 * Math.Sqrt(3 / 16.0 / 4000));
    }

    [Fact]
    public void GradientSHAP_of_a_linear_network_is_weight_times_distance_from_the_mean_baseline()
    {
        using var model = new Composed(x =>
            (x * tensor([1f, -2], [1, 1, 1, 2])).flatten(1).sum(1, keepdim: true) is var y ? cat([y, -y], 1) : x
        );
        const int Samples = 5;
        float[] map = Map(
            new GradientShap
            {
                Samples = Samples,
                Noise = 0.5,
                Seed = 3,
            },
            model,
            tensor([2f, 6], [1, 1, 1, 2]),
            Logits
        );
        float[][] noises = [.. Enumerable.Range(0, Samples).Select(i => new RandomStream(3, i).Normal(2))];
        double[] expected =
        [
            2 - (2 * noises.Average(noise => noise[0])), // the range is 4, half of it 2
            -2 * (6 - (2 * noises.Average(noise => noise[1]))),
        ];
        Assert.Equal(expected, map.Select(value => (double)value), (a, b) => Math.Abs(a - b) <= 32 * Tolerance.Rounding(8));
    }

    [Fact]
    public void RISE_is_the_mean_of_masks_weighed_by_their_scores()
    {
        // Only the first pixel counts: a mask scores 10 times what it shows of it.
        using var model = new Composed(x => x[.., 0, ..1, 0] * 10 is var y ? cat([y, -y], 1) : x);
        var rise = new Rise
        {
            Masks = 70,
            Cells = 2,
            Seed = 9,
        };
        Tensor picture = ones(1, 1, 5, 4);
        float[] map = Map(rise, model, picture, Logits);
        double[] masks = rise.MasksOf(0, 70, 5, 4).ToDoubles();
        Assert.All(masks, value => Assert.InRange(value, 0, 1));
        double[] expected =
        [
            .. Enumerable.Range(0, 20).Select(pixel => masks.Chunk(20).Average(mask => 10 * mask[0] * mask[pixel]) / 0.5),
        ];
        Assert.Equal(expected, map.Select(value => (double)value), (a, b) => Math.Abs(a - b) <= 20 * Tolerance.Rounding(4));
        Assert.Equal(expected.Max(), expected[0]);
    }

    [Fact]
    public void RISE_of_a_score_that_sees_nothing_is_that_score_everywhere()
    {
        using var model = new Composed(x => (x[.., 0, 0, ..1] * 0) + 1 is var y ? cat([y, -y], 1) : x);
        float[] map = Map(new Rise { Masks = 4000 }, model, ones(1, 1, 8, 8), Logits);

        // A mask's value at a pixel deviates by at most 1/2 from its mean 1/2: six standard errors, relative to p.
        Assert.All(map, value => Assert.Equal(1, value, 6 * 0.5 / Math.Sqrt(4000) / 0.5));
    }

    [Fact]
    public void LIME_of_an_additive_score_gives_each_patch_what_it_adds()
    {
        using Module<Tensor, Tensor> model = Additive();
        float[] map = Map(
            new Lime
            {
                Patches = 4,
                Penalty = 0,
                Samples = 100,
            },
            model,
            HandMade.Picture,
            Logits
        );
        Assert.Equal([1f, 4, -9, 2], map, (a, b) => Math.Abs(a - b) <= 9 * Tolerance.Rounding(16));
        float[] shrunk = Map(
            new Lime
            {
                Patches = 4,
                Penalty = 1e6,
                Samples = 100,
            },
            model,
            HandMade.Picture,
            Logits
        );
        Assert.All(shrunk, value => Assert.InRange(Math.Abs(value), 0, 0.01));
    }

    [Fact]
    public void Kernel_SHAP_is_the_mean_over_all_orders()
    {
        using var model = new Composed(x =>
        {
            Tensor p = x.flatten(1);
            Tensor y = (p[.., 0] * p[.., 1]) + (p[.., 0] * p[.., 2] * p[.., 3]) - p[.., 3];
            return stack([y, -y], 1);
        });
        static double Score(double[] p) => (p[0] * p[1]) + (p[0] * p[2] * p[3]) - p[3];
        double[] picture = [1, 2, 3, 4],
            expected = new double[4];
        foreach (int[] order in Orders([0, 1, 2, 3]))
        {
            var seen = new double[4];
            foreach (int pixel in order)
            {
                double before = Score(seen);
                seen[pixel] = picture[pixel];
                expected[pixel] += (Score(seen) - before) / 24;
            }
        }

        float[] map = Map(new KernelShap { Patches = 4 }, model, HandMade.Picture, Logits);
        Assert.Equal(expected, map.Select(value => (double)value), (a, b) => Math.Abs(a - b) <= 16 * Tolerance.Rounding(64));
    }

    [Fact]
    public void Kernel_SHAP_by_samples_of_an_additive_score_is_exact()
    {
        using Module<Tensor, Tensor> model = Additive();
        float[] map = Map(new KernelShap { Patches = 4, Samples = 15 }, model, HandMade.Picture, Logits);
        Assert.Equal([1f, 4, -9, 2], map, (a, b) => Math.Abs(a - b) <= 9 * Tolerance.Rounding(16));
    }

    /// <summary>y = x₀ + 2·x₁ − 3·x₂ + x₃/2: the pixels of [1, 2; 3, 4] add 1, 4, −9 and 2.</summary>
    private static Module<Tensor, Tensor> Additive() =>
        new Composed(x => (x.flatten(1) * tensor([1f, 2, -3, 0.5f])).sum(1, keepdim: true) is var y ? cat([y, -y], 1) : x);

    private static ExplanationOptions Logits { get; } = new() { Target = Target.Class(0), Output = OutputKind.Logits };

    private static IEnumerable<int[]> Orders(int[] items) =>
        items.Length == 0
            ?
            [
                [],
            ]
            : items.SelectMany(
                first => Orders([.. items.Where(item => item != first)]),
                (first, rest) => (int[])[first, .. rest]
            );

    private static void Fill(Module model)
    {
        using IDisposable frozen = no_grad();
        foreach (((string _, Parameter weight), int i) in model.named_parameters().Select((each, i) => (each, i)))
        {
            using Tensor values = tensor(new RandomStream(7, i).Normal((int)weight.numel()), weight.shape);
            weight.copy_(values * 0.5);
        }
    }

    private static float[] Map(
        ExplanationMethod method,
        Module<Tensor, Tensor> model,
        Tensor picture,
        ExplanationOptions options
    ) => [.. Assert.Single(method.Explain(model, picture, options)).Flat()];

    private static void AssertMap(ExplanationMethod method, params double[] expected) => AssertMap(method, 0, expected);

    private static void AssertMap(ExplanationMethod method, int target, double[] expected)
    {
        foreach (bool inplace in new[] { false, true })
        {
            using var model = new HandMade(inplace);
            float[] map = Map(method, model, HandMade.Picture, new() { Layers = ["conv"], Target = Target.Class(target) });

            // Sums, products and quotients of values up to 8, at most 32 in a row.
            Assert.Equal(expected, map.Select(value => (double)value), (a, b) => Math.Abs(a - b) <= 8 * Tolerance.Rounding(32));
        }
    }
}

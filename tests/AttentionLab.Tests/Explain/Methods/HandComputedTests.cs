using AttentionLab.Explain;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain.Methods;

/// <summary>
/// Every method on <see cref="HandMade"/>. At conv A₀ = [1, 2; 3, 4] and A₁ = [2, 1; 0, −1]; y₀ = 3 has there the gradient [1, 2;
/// 0, 0] and [−1, 0; 0, 0], and y₀ = x₀₀ + 2·x₀₁ − max(0, 3 − x₀₀), y₁ = Σ max(0, 3 − x) of the picture.
/// </summary>
[Trait("Kind", "Numeric")]
public sealed class HandComputedTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Activation_map() => AssertMap(new ActivationMap(), 1.5, 1.5, 1.5, 1.5);

    [Fact]
    public void Channels()
    {
        AssertMap(new RankedChannel(), 1, 2, 3, 4); // means 2.5 and 0.5
        AssertMap(new RankedChannel { Rank = 1 }, 2, 1, 0, -1);
        using var model = new HandMade();
        Assert.Throws<InvalidOperationException>(() => new RankedChannel { Rank = 2 }.Explain(model, HandMade.Picture));
    }

    // Weights 3/4 and −1/4.
    [Fact]
    public void Grad_CAM() => AssertMap(new GradCam(), 0.25, 1.25, 2.25, 3.25);

    // α = 1/(2 + 10) and 4/(8 + 80), so weight 1/12 + 2/22; A₁ has no positive gradient, and a denominator of 2 − 2 = 0.
    [Fact]
    public void Grad_CAM_plus_plus() => AssertMap(new GradCamPlusPlus(), 23 / 132.0, 46 / 132.0, 69 / 132.0, 92 / 132.0);

    // Weights 5/10 and −2/2.
    [Fact]
    public void XGrad_CAM()
    {
        AssertMap(new XGradCam(), -1.5, 0, 1.5, 3);
        AssertMap(new XGradCam { Rectify = true }, 0, 0, 1.5, 3);
    }

    [Fact]
    public void HiResCAM()
    {
        AssertMap(new HiResCam(), 0, 4, 0, 0); // 1·1 − 1·2, 2·2
        AssertMap(new HiResCam { Rectify = false }, -1, 4, 0, 0);
    }

    [Fact]
    public void Layer_CAM() => AssertMap(new LayerCam(), 1, 4, 0, 0);

    // A₀ and A₁ are orthogonal, of squared length 30 and 6.
    [Fact]
    public void Eigen_CAM() => AssertMap(new EigenCam(), 1, 2, 3, 4);

    // Channels [1, 4, 0, 0] and [−2, 0, 0, 0]; their products 17, −2, 4 have the eigenvalue λ = (21 + √185)/2 and vector (2, 17 −
    // λ).
    [Fact]
    public void Eigen_Grad_CAM()
    {
        double second = 17 - ((21 + Math.Sqrt(185)) / 2),
            length = Math.Sqrt(4 + (second * second));
        AssertMap(new EigenGradCam(), (2 - (2 * second)) / length, 8 / length, 0, 0);
    }

    // The channels as masks are [0, 1/3; 2/3, 1] and [1, 2/3; 1/3, 0]; the masked pictures score −5/3 and 5/3.
    [Fact]
    public void Score_CAM()
    {
        double first = 1 / (1 + Math.Exp(10 / 3.0)),
            second = 1 - first;
        AssertMap(new ScoreCam(), first + (2 * second), (2 * first) + second, 3 * first, Math.Max(0, (4 * first) - second));
        AssertMap(new ScoreCam { Rectify = false }, first + (2 * second), (2 * first) + second, 3 * first, (4 * first) - second);
    }

    // Without A₀ the score is −2, without A₁ 5: weights 5/3 and −2/3.
    [Fact]
    public void Ablation_CAM() => AssertMap(new AblationCam(), 1 / 3.0, 8 / 3.0, 5, 22 / 3.0);

    // A score of y instead of 3: without A₀ it falls by 5, without A₁ it rises by 2. 5·A₀ − 2·A₁ is [1, 8; 15, 22], and a share
    // divides it by |y|, unless |y| ≤ 2⁻²⁴ · 5 ≈ 3·10⁻⁷. The picture beside it, of zeros, scores 6 less.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1e-7, 1)]
    [InlineData(1e-30, 1)]
    [InlineData(0.5, 2)]
    [InlineData(-0.0625, 16)]
    public void Ablation_CAM_of_a_score_near_zero_takes_plain_differences(double y, double scale)
    {
        using var model = new HandMade();
        var options = new ExplanationOptions
        {
            Layers = ["conv"],
            Target = Target.Score("moved", output => output.select(1, 0) - 3 + y),
        };
        Tensor beside = zeros_like(HandMade.Picture);
        Explanation both = Assert.Single(new AblationCam().Explain(model, cat([HandMade.Picture, beside]), options)),
            alone = Assert.Single(new AblationCam().Explain(model, beside, options));
        float[] maps = [.. both.Flat()];
        Assert.Equal(
            [scale, 8 * scale, 15 * scale, 22 * scale],
            maps[..4].Select(value => (double)value),
            (a, b) => Math.Abs(a - b) <= 22 * scale * Tolerance.Rounding(16)
        );
        Assert.Equal(alone.Flat(), maps[4..]);
    }

    // Input: |x·∂y/∂x| = [2, 4; 0, 0], scaled [1/2, 1; 0, 0]; of the biases only A₁'s 3 counts: [3, 0; 0, 0], scaled [1, 0; 0,
    // 0].
    [Fact]
    public void FullGrad() => AssertMap(new FullGrad(), 1.5, 1, 0, 0);

    [Fact]
    public void Plain_gradients()
    {
        AssertMap(new Gradients(), 2, 2, 0, 0);
        // At x = 3 the ReLU is at 0 and passes nothing.
        AssertMap(new Gradients { Pooling = ColourPooling.Sum }, 1, [-1, -1, 0, 0]);
        AssertMap(new Gradients(), 1, [1, 1, 0, 0]);
    }

    // Little noise leaves the gradient of a linear piece as it is.
    [Fact]
    public void SmoothGrad_on_a_linear_piece() => AssertMap(new SmoothGrad { Noise = 0.01, Samples = 5 }, 2, 2, 0, 0);

    [Fact]
    public void Integrated_gradients()
    {
        AssertMap(new IntegratedGradients(), 2, 4, 0, 0); // adds up to 3 − y₀(0) = 6
        // The last pixel counts for three quarters of the way; 3 − y₁(0) = −9.
        AssertMap(new IntegratedGradients(), 1, [-1, -2, -3, -3]);
        AssertMap(new IntegratedGradients { Baseline = [1] }, 0, 2, 0, 0); // from [1, 1; 1, 1]
    }

    // The −1 at A₁ does not pass.
    [Fact]
    public void Guided_backpropagation() => AssertMap(new GuidedBackpropagation(), 1, 2, 0, 0);

    // Both of A₁'s gradient are negative or 0; where A₀ is cut by no ReLU the same passes.
    [Fact]
    public void Deconvolution() => AssertMap(new Deconvolution(), 1, 2, 0, 0);

    [Theory]
    [InlineData(4, 3)] // at r₁: 5 − 4 = 1
    [InlineData(-4, 15)] // −4 does not pass r₂: at r₁ 5
    [InlineData(6, 0)] // at r₁: 5 − 6 = −1 does not pass
    public void Guided_backpropagation_through_a_branch_and_a_module_used_twice(double weight, double expected)
    {
        // r₁ = max(0, 3x), r₂ = max(0, 5 − r₁), y = 5·r₁ + weight·r₂
        foreach (bool inplace in new[] { false, true })
        {
            using var relu = ReLU(inplace);
            using var model = new Composed(
                x =>
                {
                    Tensor first = relu.call(3 * x);
                    return ((5 * first) + (weight * relu.call(5 - first))).flatten(1);
                },
                ("relu", relu)
            );
            Explanation result = new GuidedBackpropagation { Pooling = ColourPooling.Sum }.Explain(model, ones(1, 1, 1, 1))[0];
            Assert.Equal(expected, result[0][0, 0]); // small whole numbers
        }
    }

    [Fact]
    public void Guided_backpropagation_needs_a_ReLU_module()
    {
        using var model = new Composed(x => x.relu().flatten(1));
        Assert.Contains(
            "no ReLU module",
            Assert.Throws<InvalidOperationException>(() => new GuidedBackpropagation().Explain(model, ones(1, 1, 1, 1))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Occlusion_of_each_pixel_and_of_all()
    {
        AssertMap(new Occlusion { Window = 1, Stride = 1 }, 2, 4, 0, 0);
        AssertMap(new Occlusion { Window = 2 }, 6, 6, 6, 6);
        AssertMap(
            new Occlusion
            {
                Window = 1,
                Stride = 1,
                Baseline = [3],
            },
            -4,
            -2,
            0,
            0
        );
        AssertMap(new Occlusion { Window = 1, Stride = 2 }, 2, 4, 0, 0); // the last window ends at the edge
    }

    [Fact]
    public void Occlusion_averages_over_the_windows_that_hide_a_pixel()
    {
        // The score is the sum; windows of 2×1 start at 0, 2 and 3 of each row's 5 pixels 1, 2, 4, 8, 16: they lose 3, 12, 24 for
        // two equal rows twice that.
        using var model = new Composed(x => x.flatten(1).sum(1, keepdim: true));
        Tensor picture = tensor([1f, 2, 4, 8, 16, 1, 2, 4, 8, 16], [1, 1, 2, 5]);
        Explanation result = new Occlusion { Window = 2, Stride = 2 }.Explain(model, picture)[0];
        Assert.Equal([6, 6, 24, 36, 48, 6, 6, 24, 36, 48], result.Flat());
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused()
    {
        using var model = new HandMade();
        foreach (
            ExplanationMethod method in new ExplanationMethod[]
            {
                new Occlusion { Window = 3 },
                new Occlusion { Window = 0 },
                new Occlusion { Stride = 0, Window = 1 },
                new Occlusion { Window = 1, Baseline = [1, 2] },
                new SmoothGrad { Samples = 0 },
                new SmoothGrad { Noise = double.NaN },
                new IntegratedGradients { Steps = 0 },
                new IntegratedGradients { Baseline = [float.NaN] },
            }
        )
        {
            Assert.Throws<InvalidOperationException>(() => method.Explain(model, HandMade.Picture));
        }
    }

    private static void AssertMap(ExplanationMethod method, params double[] expected) => AssertMap(method, 0, expected);

    private static void AssertMap(ExplanationMethod method, int target, double[] expected)
    {
        foreach (bool inplace in new[] { false, true })
        {
            using var model = new HandMade(inplace);
            Explanation result = Assert.Single(
                method.Explain(model, HandMade.Picture, new() { Layers = ["conv"], Target = Target.Class(target) })
            );
            Assert.Equal(expected, result.Flat().Select(value => (double)value), Close);
            Assert.Equal(method.Name, result.Method);
            Assert.Equal([3, 3], result.Logits.Cast<float>());
        }

        // Every map is made of sums and products of values up to 8, at most 32 in a row; a maximum's own scale goes with it.
        static bool Close(double a, double b) => Math.Abs(a - b) <= 8 * Tolerance.Rounding(32);
    }
}

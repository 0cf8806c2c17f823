using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain.Methods;

/// <summary>Methods of transformers: by hand, by plain loops over the attention of a network, and what they refuse.</summary>
[Trait("Kind", "Numeric")]
public sealed class AttentionMethodTests : IDisposable
{
    private static readonly double[,] First =
    {
        { 0.5, 0.25, 0.25 },
        { 0.25, 0.5, 0.25 },
        { 0.25, 0.25, 0.5 },
    };

    private static readonly double[,] Second =
    {
        { 0.25, 0.25, 0.5 },
        { 0.5, 0.25, 0.25 },
        { 0.25, 0.5, 0.25 },
    };

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    // Tokens 1 (class), 2, −4. (I + A₁)/2 has ¾, ⅜ or ⅛; the class token's row of (I + A₂)/2 is ⅝, ⅛, ¼:
    // ⅝·⅛ + ⅛·¾ + ¼·⅛ and ⅝·⅛ + ⅛·⅛ + ¼·¾.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Rollout_by_hand(int softmaxes) => AssertMap(new AttentionRollout(), 0, softmaxes, 0.203125, 0.28125);

    // x' = x + A₁x = 1, 2.25, −5.25 is y₀'s gradient at the class token's row of A₂, so Ā₂ = ¼, 0.5625, 0 there. At A₁ it is
    // gᵢ·xⱼ with g = 1.25, 0.25, 0.5: Ā₁ = [0.625, 0.625, 0; 0.0625, 0.25, 0; 0.125, 0.25, 0]. The class token's row of
    // (I + Ā₂)(I + Ā₁): 1.25·0.625 + 0.5625·1.25, and nothing for the other patch.
    // Of y₁ the negative products count: Ā₂ = 0, 0, 2.625; Ā₁ has 1.25, 0.25, 1 in its last column: 1.25 + 2.625·2.
    [Theory]
    [InlineData(0, 1, 1.484375, 0)]
    [InlineData(0, 2, 1.484375, 0)]
    [InlineData(1, 1, 0, 6.5)]
    [InlineData(1, 2, 0, 6.5)]
    public void Gradient_weighted_attention_by_hand(int target, int softmaxes, double left, double right) =>
        AssertMap(new GradientWeightedAttention(), target, softmaxes, left, right);

    [Theory]
    [InlineData(0, new[] { 0, 1 })] // no class token, the mean of all patches
    [InlineData(2, new[] { 0, 1 })] // DeiT's two, both read
    [InlineData(2, new[] { 0 })] // a class token and a register, which nobody reads
    public void The_map_is_of_the_tokens_that_are_read(int leading, int[] read)
    {
        int tokens = leading + 2;
        double[][,] shares = [Shares(tokens, 1), Shares(tokens, 2), Shares(tokens, 3)];
        using var model = new FixedAttention(shares, leading, read, 1);
        Explanation result = new AttentionRollout().Explain(model, Picture)[0];
        double[,] rolled = shares.Aggregate(
            Identity(tokens),
            (before, share) => Product(Table(tokens, (i, j) => (share[i, j] + (i == j ? 1 : 0)) / 2), before)
        );
        double[] expected = [.. Enumerable.Range(leading, 2).Select(j => read.Average(i => rolled[i, j]))];
        Assert.Equal(SpatialLayout.Tokens(leading, 1, 2), result.Layout);
        AssertClose(expected, result.Flat(), Tolerance.Rounding(3 * 32));
    }

    [Fact]
    public void A_vision_transformer_from_ONNX_has_the_maps_that_plain_loops_over_its_attention_give()
    {
        using OnnxNetwork model = OnnxNetwork.Load(Fixture.Shared("parity/onnx/vit.onnx"));
        Tensor pictures = Safetensors.Load(Fixture.Shared("parity/onnx/vit.safetensors"))["input"];
        IReadOnlyList<string> layers = AttentionLayers.Of(model);
        Assert.Equal("encoder.layers.encoder_layer_0.self_attention.Softmax", layers[0]);
        for (int picture = 0; picture < 2; picture++)
        {
            Tensor alone = pictures[picture..(picture + 1)];
            using var extractor = new ActivationExtractor(model, layers);
            using LayerActivations seen = extractor.RunWithGradients(alone, logits => logits[0, 7]);
            double[,] rolled = Identity(17),
                relevance = Identity(17);
            foreach (string layer in layers)
            {
                double[] attention = seen[layer].ToDoubles(),
                    gradient = seen.GradientOf(layer).ToDoubles();
                int heads = attention.Length / (17 * 17);
                double Mean(Func<int, double> value) => Enumerable.Range(0, heads).Average(h => value(h * 17 * 17));
                rolled = Product(Table(17, (i, j) => ((i == j ? 1 : 0) + Mean(at => attention[at + (i * 17) + j])) / 2), rolled);
                relevance = Product(
                    Table(
                        17,
                        (i, j) =>
                            (i == j ? 1 : 0) + Mean(at => Math.Max(0, attention[at + (i * 17) + j] * gradient[at + (i * 17) + j]))
                    ),
                    relevance
                );
            }

            AssertMapOf(new AttentionRollout(), rolled);
            AssertMapOf(new GradientWeightedAttention(), relevance);
            void AssertMapOf(ExplanationMethod method, double[,] expected)
            {
                Explanation result = method.Explain(model, alone, new() { Target = Target.Class(7) })[0];
                Assert.Equal("input", result.Layer);
                Assert.Equal(SpatialLayout.Tokens(1, 4, 4), result.Layout);
                AssertClose([.. Enumerable.Range(1, 16).Select(j => expected[0, j])], result.Flat(), Tolerance.Rounding(1));
            }
        }
    }

    [Fact]
    public void Rollout_loses_nothing_and_does_not_ask_for_the_target()
    {
        using SmallTransformer model = Fixture.WithFormulaWeights(new SmallTransformer());
        Tensor pictures = Fixture.FormulaInput()[.., .., ..8, ..8].contiguous();
        Explanation one = new AttentionRollout().Explain(model, pictures, new() { Target = Target.Class(1) })[0],
            other = new AttentionRollout().Explain(model, pictures, new() { Target = Target.Class(2) })[0];
        Assert.Equal(one.Flat(), other.Flat());
        Assert.All(one.Flat(), share => Assert.InRange(share, 0, 1));
        Assert.All(one.Maps, map => Assert.InRange(map.Flat().Sum(), 1.0 / 16, 0.75)); // at least ¼ stays the class token's
    }

    [Fact]
    public void Layers_that_are_named_are_followed_alone()
    {
        using SmallTransformer model = Fixture.WithFormulaWeights(new SmallTransformer());
        Tensor picture = Fixture.FormulaInput()[..1, .., ..8, ..8].contiguous();
        Explanation result = new AttentionRollout().Explain(model, picture, new() { Layers = ["block1.softmax"] })[0];
        using LayerActivations seen = LayerActivations.Of(model, picture, "block1.softmax");
        double[] attention = seen["block1.softmax"].ToDoubles();
        double[] expected = [.. Enumerable.Range(1, 4).Select(j => (attention[j] + attention[25 + j]) / 4)];
        AssertClose(expected, result.Flat(), Tolerance.Rounding(1));
        Assert.True(new AttentionRollout().AppliesTo(model, ["block?.softmax"]).IsApplicable);
        Assert.StartsWith(
            "Layer 'head' is not a softmax of attention. Name one such as block1.softmax",
            new AttentionRollout().AppliesTo(model, ["head"]).Reason,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Layer 'block1.mlp' outputs 1×5×8, which is not attention",
            Assert.Throws<ArgumentException>(() => Explain(model, picture, new() { Layers = ["block1.mlp"] })).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_network_without_attention_is_told_so()
    {
        using var model = new SeCnn(classes: 3, imageSize: 8);
        using Tensor picture = zeros(1, 3, 8, 8);
        string reason = new GradientWeightedAttention().AppliesTo(model).Reason!;
        Assert.StartsWith("SeCnn has no softmax module that outputs attention", reason, StringComparison.Ordinal);
        Assert.StartsWith(
            reason,
            Assert.Throws<ArgumentException>(() => Explain(model, picture)).Message,
            StringComparison.Ordinal
        );

        // Probabilities at a network's end are not attention, and a softmax over channels neither.
        using Module<Tensor, Tensor> probabilities = Sequential(Flatten(), Linear(192, 3), Softmax(-1));
        Assert.False(new AttentionRollout().AppliesTo(probabilities).IsApplicable);
        using Module<Tensor, Tensor> gate = Sequential(Softmax(1), Flatten(), Linear(192, 3));
        Assert.Contains(
            "has no softmax module that outputs attention",
            Assert.Throws<ArgumentException>(() => Explain(gate, picture)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(new long[] { 4, 2, 4, 4 }, "attends within 4 windows of 4 tokens each, as Swin does")]
    [InlineData(new long[] { 1, 2, 1, 64 }, "attends from 1 tokens to 64 others")]
    public void Attention_that_cannot_be_followed_is_refused(long[] shape, string why)
    {
        using var softmax = Softmax(-1);
        using var last = Linear(1, 2);
        using var model = new Composed(
            x =>
                last.call(
                    softmax
                        .call(x.flatten(1)[.., ..(int)shape.Aggregate(1L, (a, b) => a * b)].reshape(shape))
                        .mean()
                        .reshape(1, 1)
                ),
            ("softmax", softmax),
            ("last", last)
        );
        using Tensor picture = rand(1, 3, 8, 8);
        Assert.Contains(why, Assert.Throws<ArgumentException>(() => Explain(model, picture)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_of_other_numbers_of_tokens_and_tokens_without_a_grid_are_refused()
    {
        using var odd = new FixedAttention([Shares(9, 1)], 7, [0], 1); // neither 9 nor 9 less 1, 2, 4 or 5 make a row of 1×2
        Assert.Contains(
            "9 tokens are no grid of the picture's ratio. State the grid",
            Assert.Throws<ArgumentException>(() => Explain(odd, Picture)).Message,
            StringComparison.Ordinal
        );
        Explanation stated = new AttentionRollout().Explain(odd, Picture, new() { Layout = SpatialLayout.Tokens(7, 1, 2) })[0];
        Assert.Equal((1, 2), (stated[0].Height, stated[0].Width));
        using var first = new FixedAttention([First], 1, [0], 1);
        using var mixed = new Composed(x => first.attention[0].call(zeros(1, 1, 2, 2)).sum() * first.call(x), ("first", first));
        Assert.Contains(
            "attends between 3 tokens, and the first block between 2",
            Assert.Throws<ArgumentException>(() => Explain(mixed, Picture)).Message,
            StringComparison.Ordinal
        );
    }

    private static Tensor Picture => tensor([2f, -4], [1, 1, 1, 2]);

    private static IReadOnlyList<Explanation> Explain(
        Module<Tensor, Tensor> model,
        Tensor picture,
        ExplanationOptions? options = null
    ) => new AttentionRollout().Explain(model, picture, options);

    private static void AssertMap(ExplanationMethod method, int target, int softmaxes, params double[] expected)
    {
        using var model = new FixedAttention([First, Second], 1, [0], softmaxes);
        Explanation result = method.Explain(model, Picture, new() { Target = Target.Class(target) })[0];
        Assert.Equal((1, 2), (result[0].Height, result[0].Width));

        // Logarithm, softmax, and products of numbers up to 5.25: some thirty roundings of them in float32.
        AssertClose(expected, result.Flat(), Tolerance.Rounding(32) * 5.25);
    }

    private static void AssertClose(double[] expected, float[] actual, double tolerance) =>
        Assert.Equal(
            expected,
            actual.Select(value => (double)value),
            (a, b) => Math.Abs(a - b) <= tolerance * Math.Max(1, expected.Max(Math.Abs))
        );

    /// <summary>Rows of shares that add up to 1.</summary>
    private static double[,] Shares(int tokens, int seed)
    {
        double[,] raw = Table(tokens, (i, j) => 1 + (((i * 7) + (j * 5) + (seed * 3)) % 11));
        return Table(tokens, (i, j) => raw[i, j] / Enumerable.Range(0, tokens).Sum(k => raw[i, k]));
    }

    private static double[,] Identity(int n) => Table(n, (i, j) => i == j ? 1 : 0);

    private static double[,] Product(double[,] a, double[,] b) =>
        Table(a.GetLength(0), (i, j) => Enumerable.Range(0, a.GetLength(1)).Sum(k => a[i, k] * b[k, j]));

    private static double[,] Table(int n, Func<int, int, double> value)
    {
        var table = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                table[i, j] = value(i, j);
            }
        }

        return table;
    }
}

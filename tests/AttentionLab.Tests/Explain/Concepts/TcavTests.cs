using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain.Concepts;

/// <summary>
/// The network: of the picture's two pixels a and b the scores are y₀ = a·b and y₁ = −a·b, so that y₀ grows with a where b is
/// positive. The concept is a = 2, what is random a = −2, b being 0 in both: the direction between them is a's.
/// </summary>
[Trait("Kind", "Numeric")]
public sealed class TcavTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(0, 0.75)]
    [InlineData(1, 0.25)]
    public void The_share_of_pictures_whose_score_grows_by_hand(int target, double share)
    {
        using Module<Tensor, Tensor> model = Network();
        TcavResult result = new Tcav { Layer = "layer", RandomSets = 3 }.Test(
            model,
            Concept(),
            Repeat(-2, 0, 12),
            Of((1, 3), (1, 2), (5, 1), (-1, -2)),
            Target.Class(target)
        );
        Assert.Equal([share, share, share], result.Scores);
        Assert.Equal([0.0, 0, 0], result.RandomScores); // of equal pictures no direction: nothing grows
        Assert.Equal(1, result.Accuracy.Mean);
        Assert.Equal(0, result.PValue);
        Assert.True(result.IsSignificant);
        Assert.Equal((4, "layer", $"class {target}"), (result.Pictures, result.Layer, result.Target));
        Assert.Equal(
            FormattableString.Invariant($"TCAV {share:0.00} for class {target} at layer (random sets 0.00): significant; p = 0, ")
                + "4 pictures, 3 random sets, 100 % of held-out pictures told apart",
            result.ToString()
        );
    }

    /// <summary>The mean is over random sets; the p-value Welch's, which WelchTestTests computes by hand.</summary>
    [Fact]
    public void A_concept_that_is_none_is_said_not_to_be_significant()
    {
        using Module<Tensor, Tensor> model = Network();
        Tensor Scattered(uint stream, int count) =>
            Of([
                .. Enumerable
                    .Range(0, count)
                    .Select(i =>
                        (
                            (float)Fixture.Uniform(stream, (uint)(2 * i)) - 0.5f,
                            (float)Fixture.Uniform(stream, (uint)((2 * i) + 1)) - 0.5f
                        )
                    ),
            ]);
        TcavResult result = new Tcav { Layer = "layer" }.Test(
            model,
            Scattered(1, 15),
            Scattered(2, 60),
            Scattered(3, 20),
            Target.Class(0)
        );
        Assert.Equal(20, result.Scores.Count);
        Assert.Equal(result.Scores.Sum() / 20, result.Score, 1e-12);
        Assert.False(result.IsSignificant, $"{result}");
        Assert.Contains(
            ": not significant, the layer has no direction of this concept; p = 0.",
            $"{result}",
            StringComparison.Ordinal
        );
        Assert.InRange(result.Accuracy.Mean, 0.3, 0.7);
        Assert.Equal(20 * 2 * 5, result.Accuracy.Pictures); // a third of 15 of both, for each random set
        TcavResult again = new Tcav { Layer = "layer" }.Test(
                model,
                Scattered(1, 15),
                Scattered(2, 60),
                Scattered(3, 20),
                Target.Class(0)
            ),
            otherSets = new Tcav { Layer = "layer", Seed = 1 }.Test(
                model,
                Scattered(1, 15),
                Scattered(2, 60),
                Scattered(3, 20),
                Target.Class(0)
            );
        Assert.Equal(result.Scores, again.Scores);
        Assert.NotEqual(result.Scores.Concat(result.RandomScores), otherSets.Scores.Concat(otherSets.RandomScores));
    }

    [Theory]
    [InlineData(90, 0.5, "not significant, random sets score alike; p = 1,")]
    [InlineData(50, 0.9, "not significant, the layer has no direction of this concept; p = 0,")]
    [InlineData(90, 0.9, "significant; p = 0,")]
    public void Significant_is_what_differs_from_random_and_is_told_apart(int told, double score, string words)
    {
        var result = new TcavResult
        {
            Layer = "conv3",
            Target = "class 1",
            Pictures = 7,
            Scores = [score, score],
            RandomScores = [0.5, 0.5],
            Accuracy = ConfidenceInterval.OfShare(told, 100),
            Significance = 0.05,
        };
        Assert.Equal(words.StartsWith("significant", StringComparison.Ordinal), result.IsSignificant);
        Assert.Contains($"for class 1 at conv3 (random sets 0.50): {words}", $"{result}", StringComparison.Ordinal);
    }

    /// <summary>The normal of the classifier, where dimensions outnumber pictures: its penalised loss has no slope
    /// there.</summary>
    [Theory]
    [InlineData(2, 1)]
    [InlineData(2, 1e-4)]
    [InlineData(3, 1)]
    [InlineData(3, 1e-4)]
    public void The_classifier_of_many_dimensions_minimises_its_loss(int classes, double regularization)
    {
        const int count = 6,
            dimensions = 40;
        Tensor x = Fixture
            .FormulaInput()[..2]
            .reshape(-1)[..(count * dimensions)]
            .reshape(count, dimensions)
            .to(ScalarType.Float64);
        x += arange(dimensions).unsqueeze(0) * arange(count).unsqueeze(1).sin();
        long[] labels = classes == 2 ? [0, 1, 0, 1, 1, 0] : [0, 1, 2, 1, 1, 0];
        (Tensor weight, Tensor bias) = LogisticRegression.Fit(x, tensor(labels), classes, regularization);

        // In standardised coordinates, which are penalised: z = (x − mean) / deviation and w·deviation.
        Tensor deviation = (x - x.mean([0], true)).square().mean([0], true).sqrt(),
            z = (x - x.mean([0], true)) / deviation,
            w = weight * deviation;
        Tensor error = (x.mm(weight.t()) + bias).softmax(1) - functional.one_hot(tensor(labels), classes);
        Tensor slope = (error.t().mm(z) + (regularization * w)) / count;
        Assert.InRange(slope.abs().max().item<double>(), 0, 2e-7); // it stops below 1e-7 in the rotated coordinates
        Assert.InRange(error.sum([0]).abs().max().item<double>() / count, 0, 2e-7);
    }

    // The concept is channel 0 at one of three places, what is random channel 1 at one of them: the direction of the channels'
    // means p is 1, −1, 0. y₀ = f·(3·p₀ − p₁) with a factor f of each picture grows along it where f is positive, in two of
    // three.
    [Fact]
    public void Averaged_over_places_a_concept_is_the_same_wherever_it_lies()
    {
        using var layer = Identity();
        using var model = new Composed(
            x =>
            {
                Tensor p = layer.call(x)[.., ..2].mean([2, 3]);
                Tensor y = x[.., 2].mean([1, 2]) * ((3 * p[.., 0]) - p[.., 1]);
                return stack([y, -y], 1);
            },
            ("layer", layer)
        );
        Tensor At(int channel, int count) =>
            stack([
                .. Enumerable
                    .Range(0, count)
                    .Select(i =>
                    {
                        Tensor picture = zeros(3, 1, 3);
                        picture[channel, 0, i % 3] = 6;
                        return picture;
                    }),
            ]);
        Tensor asked = At(0, 3);
        asked[.., 2] = tensor([1f, 2, -1]).reshape(3, 1, 1);
        TcavResult result = new Tcav
        {
            Layer = "layer",
            AveragePlaces = true,
            RandomSets = 2,
        }.Test(model, At(0, 6), At(1, 12), asked, Target.Class(0));
        Assert.Equal([2 / 3.0, 2 / 3.0], result.Scores);
        Assert.Equal(1, result.Accuracy.Mean);
    }

    [Fact]
    public void Bad_questions_are_refused()
    {
        using Module<Tensor, Tensor> model = Network();
        Assert.Throws<ArgumentOutOfRangeException>(() => new Tcav { RandomSets = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Tcav { Significance = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Tcav { Regularization = 0 });
        Tensor pictures = Of((1, 3));
        AssertRefused("at least twice as many random ones; these are 6 and 11", Concept(), Repeat(-2, 0, 11));
        AssertRefused("takes 6 pictures of a concept or more", Repeat(2, 0, 5), Repeat(-2, 0, 12));
        AssertRefused("holds NaN", Repeat(float.NaN, 0, 6), Repeat(-2, 0, 12));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new Tcav { Layer = "layer" }.Test(model, Concept(), Repeat(-2, 0, 12), pictures, Target.Class(2))
        );
        Assert.Throws<ArgumentException>(() => new Tcav { Layer = "lair" }.Test(model, Concept(), Repeat(-2, 0, 12), pictures));

        void AssertRefused(string why, Tensor concept, Tensor random) =>
            Assert.Contains(
                why,
                Assert
                    .Throws<ArgumentException>(() => new Tcav { Layer = "layer" }.Test(model, concept, random, pictures))
                    .Message,
                StringComparison.Ordinal
            );
    }

    [Fact]
    public void Nothing_leaks_progress_grows_to_1_and_cancellation_is_heard()
    {
        using Module<Tensor, Tensor> model = Network();
        var told = new List<double>();
        using Tensor concept = Concept().DetachFromDisposeScope(),
            random = Repeat(-2, 0, 12).DetachFromDisposeScope(),
            pictures = Of((1, 3)).DetachFromDisposeScope();
        Live.AssertNothingLeaks(() =>
            new Tcav { RandomSets = 2, Progress = new Listener(told.Add) }.Test(model, concept, random, pictures)
        );
        Assert.Equal(0, Live.HooksOn(model));
        double[] last = [.. told.Skip(told.LastIndexOf(told.Min()))];
        Assert.Equal(last.Order(), last);
        Assert.Equal(1, last[^1], Tolerance.RoundingInDouble(8));
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            new Tcav { Cancellation = cancellation.Token }.Test(model, concept, random, pictures)
        );
    }

    private static Composed Network()
    {
        Module<Tensor, Tensor> layer = Identity();
        return new Composed(
            x =>
            {
                Tensor y = layer.call(x).prod(3).flatten(1);
                return cat([y, -y], 1);
            },
            ("layer", layer)
        );
    }

    private static Tensor Concept() => Repeat(2, 0, 6);

    private static Tensor Repeat(float a, float b, int count) => Of([.. Enumerable.Repeat((a, b), count)]);

    private static Tensor Of(params (float A, float B)[] pixels) =>
        tensor([.. pixels.SelectMany(each => new[] { each.A, each.B })], [pixels.Length, 1, 1, 2]);

    private sealed class Listener(Action<double> told) : IProgress<double>
    {
        public void Report(double value) => told(value);
    }
}

using AttentionLab.Core;
using AttentionLab.Evaluate;
using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Tests.Explain;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Evaluate.Stability;

[Trait("Kind", "Numeric")]
public sealed class ModelRandomizationTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Cnn _model = Fixture.WithFormulaWeights(new Cnn(classes: 3, imageSize: 8));
    private readonly Tensor _input = Fixture.FormulaInput()[.., .., ..8, ..8].contiguous();

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Layers_become_random_from_the_logits_down_and_the_weights_come_back_to_the_bit()
    {
        byte[] before = Bits(_model);
        EvaluationTrial trial = EvaluationTrial.Of(new GradCam(), _model, _input, options: new() { Layers = ["conv2"] })[0];
        IReadOnlyList<RandomizationStep> steps = new ModelRandomization { Seed = 1 }.CascadeOf(trial);
        Assert.Equal(["fc2", "fc1", "bn3", "conv3", "bn2", "conv2", "bn1", "conv1"], steps.Select(step => step.Layer));
        Assert.Equal(before, Bits(_model));
        Assert.Equal(
            steps.Select(step => step.Similarities),
            new ModelRandomization { Seed = 1 }
                .CascadeOf(trial)
                .Select(step => step.Similarities)
        );
        Assert.Equal(steps[^1].Similarities.Select(Math.Abs), new ModelRandomization { Seed = 1 }.Score(trial));
        Assert.All(steps, step => Assert.All(step.Similarities, similarity => Assert.InRange(similarity, -1, 1)));
        Assert.All(steps[^1].Similarities, similarity => Assert.True(Math.Abs(similarity) < 0.9));
    }

    [Fact]
    public void Weights_come_back_when_something_throws_or_is_cancelled()
    {
        int calls = 0,
            most = int.MaxValue;
        using var model = new Composed(
            x => ++calls > most ? throw new InvalidDataException("broken") : _model.call(x),
            ("inner", _model)
        );
        byte[] before = Bits(_model);
        EvaluationTrial trial = EvaluationTrial.Of(new GradCam(), model, _input, options: new() { Layers = ["inner.conv3"] })[0];
        most = calls + 1; // it breaks in the middle of the cascade
        Assert.Throws<InvalidDataException>(() => new ModelRandomization().CascadeOf(trial));
        Assert.Equal(most + 1, calls);
        Assert.Equal(before, Bits(_model));

        most = int.MaxValue;
        using var cancellation = new CancellationTokenSource();
        EvaluationTrial cancelled = EvaluationTrial.Of(
            new GradCam(),
            model,
            _input,
            options: new() { Layers = ["inner.conv3"], Cancellation = cancellation.Token }
        )[0];
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => new ModelRandomization().CascadeOf(cancelled));
        Assert.Equal(before, Bits(_model));
    }

    [Fact]
    public void Random_weights_are_those_of_a_layer_that_has_learned_nothing()
    {
        using (var weights = new RandomizedWeights(_model, _input, seed: 5))
        {
            weights.Randomize("bn1");
            weights.Randomize("conv2");
            Assert.Equal(
                [.. Enumerable.Repeat(1f, 32), .. new float[32]],
                [.. Values(_model.bn1.weight!), .. Values(_model.bn1.bias!)]
            );
            Assert.Equal(
                [.. new float[32], .. Enumerable.Repeat(1f, 32)],
                [.. Values(_model.bn1.running_mean!), .. Values(_model.bn1.running_var!)]
            );

            float bound = 1 / MathF.Sqrt(32 * 9);
            float[] drawn = [.. Values(_model.conv2.weight), .. Values(_model.conv2.bias!)];
            Assert.All(drawn, value => Assert.InRange(value, -bound, bound));
            Assert.Equal(bound / MathF.Sqrt(3), MathF.Sqrt(drawn.Average(value => value * value)), 0.01f * bound);
            weights.Dispose();
        }
    }

    [Fact]
    public void A_map_of_the_weights_follows_them_and_a_map_of_nothing_does_not()
    {
        // The gradient of a linear model is its weights, |w| here; the random ones are drawn from the seed.
        using nn.Module<Tensor, Tensor> model = Trials.Linear(4, -3, 2, 1, 5, -6, 8, 7);
        Tensor picture = ones(1, 1, 2, 4);
        var random = new RandomStream(3, 0);
        var drawn = new float[2, 4];
        for (int i = 0; i < 8; i++)
        {
            drawn[i / 4, i % 4] = MathF.Abs((float)random.Uniform(-1 / Math.Sqrt(8), 1 / Math.Sqrt(8)));
        }

        double expected = Correlation(
            new float[,]
            {
                { 4, 3, 2, 1 },
                { 5, 6, 8, 7 },
            },
            drawn
        );
        ModelRandomization check = new() { Seed = 3 };
        RandomizationStep step = Assert.Single(check.CascadeOf(EvaluationTrial.Of(new Gradients(), model, picture)[0]));
        Assert.Equal("fc", step.Layer);
        Assert.Equal(expected, step.Similarities[0], Tolerance.RoundingInDouble(32));
        Assert.Equal(1, check.Score(EvaluationTrial.Of(new CentredBlob(), model, picture)[0])[0], Tolerance.RoundingInDouble(32));
        Assert.Equal(1, check.Score(EvaluationTrial.Of(new RandomMap(), model, picture)[0])[0], Tolerance.RoundingInDouble(32));
    }

    [Fact]
    public void A_map_without_order_has_no_score_and_one_that_loses_it_has_0()
    {
        using nn.Module<Tensor, Tensor> model = Trials.Linear(1, 2, 3, 4),
            none = Trials.Linear(0, 0, 0, 0);
        Tensor picture = ones(1, 1, 2, 2);
        Assert.Equal(double.NaN, new ModelRandomization().Score(EvaluationTrial.Of(new Gradients(), none, picture)[0])[0]);
        EvaluationTrial ordered = Trials.Of(
            model,
            picture,
            new float[,]
            {
                { 1, 2 },
                { 3, 4 },
            }
        );
        Assert.Equal(0, new ModelRandomization().Score(ordered)[0]); // the blob of 2×2 has equal values
        using var weightless = new Composed(x => x.flatten(1));
        Assert.Contains(
            "no weights",
            Assert
                .Throws<InvalidOperationException>(() =>
                    new ModelRandomization().Score(EvaluationTrial.Of(new CentredBlob(), weightless, picture)[0])
                )
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Rank_correlation_is_Spearmans()
    {
        // 1 − 6·Σd²/(n·(n²−1)) = 1 − 6·2/60; with ties Pearson's correlation of the mean ranks 0.5, 0.5, 2, 3 and 0, 1, 2, 3.
        Assert.Equal(
            0.8,
            Correlation(
                new float[,]
                {
                    { 1, 2, 3, 4 },
                },
                new float[,]
                {
                    { 10, 20, 40, 30 },
                }
            ),
            Tolerance.RoundingInDouble(32)
        );
        Assert.Equal(
            4.5 / Math.Sqrt(4.5 * 5),
            Correlation(
                new float[,]
                {
                    { 1, 1, 3, 4 },
                },
                new float[,]
                {
                    { 1, 2, 3, 4 },
                }
            ),
            Tolerance.RoundingInDouble(32)
        );
        Assert.Equal(
            -1,
            Correlation(
                new float[,]
                {
                    { 1, 2, 3 },
                },
                new float[,]
                {
                    { 9, 5, -1 },
                }
            ),
            Tolerance.RoundingInDouble(32)
        );
    }

    private static float[] Values(Tensor tensor) => tensor.detach().data<float>().ToArray();

    private static byte[] Bits(nn.Module model) =>
        [
            .. model
                .state_dict()
                .OrderBy(entry => entry.Key, StringComparer.Ordinal)
                .SelectMany(entry => entry.Value.detach().clone().bytes.ToArray()),
        ];

    private static double Correlation(Heatmap a, Heatmap b) => a.RankCorrelation(b);
}

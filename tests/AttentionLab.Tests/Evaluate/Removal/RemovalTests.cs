using AttentionLab.Evaluate;
using AttentionLab.Explain;
using AttentionLab.Tests.Explain;
using TorchSharp;
using static AttentionLab.Tests.Evaluate.Trials;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Evaluate.Removal;

/// <summary>On a picture of ones and a model that adds 1, 2, 3 and 0 times its pixels.</summary>
[Trait("Kind", "Numeric")]
public sealed class RemovalTests : IDisposable
{
    // Order of the pixels: third, second, first, fourth.
    private static readonly float[,] Map =
    {
        { 2, 3 },
        { 4, 1 },
    };

    // Scores are sums of up to four products of at most 31, a confidence's slope is ¼ at most.
    private const double Close = 0.25 * 31 * 8 * Tolerance.Float32Unit;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly nn.Module<Tensor, Tensor> _model = Linear(1, 2, 3, 0);
    private readonly Tensor _ones = ones(1, 1, 2, 2);

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Deletion_hides_the_most_relevant_first()
    {
        double[] expected = [Sigmoid(6), Sigmoid(3), Sigmoid(1), 0.5, 0.5];
        Deletion deletion = new() { Steps = 4 };
        ConfidenceCurve curve = deletion.CurvesOf(Of(_model, _ones, Map))[0];
        Assert.Equal([0, 0.25, 0.5, 0.75, 1], curve.Fractions);
        AssertClose(expected, curve.Confidences);
        double area = ((expected[0] / 2) + expected[1] + expected[2] + expected[3] + (expected[4] / 2)) / 4;
        Assert.Equal(area, deletion.Score(Of(_model, _ones, Map))[0], Close);
        Assert.Equal(
            Sigmoid(6 + 3),
            new Deletion { Steps = 4, Baseline = [2] }
                .CurvesOf(Of(_model, _ones, Map))[0]
                .Confidences[1],
            Close
        );
    }

    [Fact]
    public void Insertion_shows_the_most_relevant_first_on_a_blurred_picture()
    {
        // x = [1, 0], blurred by σ = 1 to [1, e] / (1 + e) with e = exp(−1/2); y = 2·x₀.
        using nn.Module<Tensor, Tensor> model = Linear(2, 0);
        using Tensor picture = tensor([1f, 0], [1, 1, 1, 2]);
        double blurred = 1 / (1 + Math.Exp(-0.5));
        EvaluationTrial trial = Of(
            model,
            picture,
            new float[,]
            {
                { 1, 0 },
            }
        );
        AssertClose(
            [Sigmoid(2 * blurred), Sigmoid(2), Sigmoid(2)],
            new Insertion { Steps = 2, Blur = 1 }
                .CurvesOf(trial)[0]
                .Confidences
        );
        AssertClose(
            [Sigmoid(2 * blurred), Sigmoid(2 * blurred), Sigmoid(2)],
            new Insertion { Steps = 2, Blur = 1 }
                .CurvesOf(
                    Of(
                        model,
                        picture,
                        new float[,]
                        {
                            { 0, 1 },
                        }
                    )
                )[0]
                .Confidences
        );
    }

    [Fact]
    public void ROAD_fills_in_from_the_neighbours_in_either_order()
    {
        // x = [9, 9; 1, 0], half taken. The first two: x₀ = 4/7, x₁ = 3/7, as LinearImputationTests work out; y = x₀ + 2·x₁ +
        // 3·x₂ = 31/7.
        using Tensor picture = tensor([9f, 9, 1, 0], [1, 1, 2, 2]);
        EvaluationTrial top = Of(
                _model,
                picture,
                new float[,]
                {
                    { 4, 3 },
                    { 2, 1 },
                }
            ),
            bottom = Of(
                _model,
                picture,
                new float[,]
                {
                    { 1, 2 },
                    { 3, 4 },
                }
            );
        Assert.Equal(Sigmoid(31.0 / 7), new RoadMostRelevantFirst { Percentiles = [50], Noise = 0 }.Score(top)[0], Close);
        Assert.Equal(Sigmoid(31.0 / 7), new RoadLeastRelevantFirst { Percentiles = [50], Noise = 0 }.Score(bottom)[0], Close);

        // Mean over percentiles; one taken: x₀ = (2·9 + 2·1 + 0) / 5 = 4.
        Assert.Equal(
            (Sigmoid(4 + 18 + 3) + Sigmoid(31.0 / 7)) / 2,
            new RoadMostRelevantFirst { Percentiles = [25, 50], Noise = 0 }.Score(top)[0],
            Close
        );
    }

    [Fact]
    public void ROADs_noise_is_normal_and_belongs_to_seed_picture_and_percentile()
    {
        // The fourth pixel of ones taken and filled with 1 + noise z; y = 3·z' there, so the confidence gives the noise away.
        using nn.Module<Tensor, Tensor> model = Linear(0, 0, 0, 3);
        EvaluationTrial trial = Of(
            model,
            _ones,
            new float[,]
            {
                { 0, 0 },
                { 0, 1 },
            }
        );
        double[] noise =
        [
            .. Enumerable
                .Range(0, 400)
                .Select(seed =>
                {
                    double confidence = new RoadMostRelevantFirst
                    {
                        Percentiles = [25],
                        Noise = 0.1,
                        Seed = seed,
                    }.Score(trial)[0];
                    return (Math.Log(confidence / (1 - confidence)) / 3) - 1;
                }),
        ];
        double deviation = Math.Sqrt(noise.Average(z => z * z));
        Assert.InRange(noise.Average(), -0.02, 0.02);
        Assert.InRange(deviation, 0.09, 0.11);
    }

    [Fact]
    public void One_pixel_always_stays_for_ROAD()
    {
        // 99 % of four pixels are four: three are taken, the fourth fills the picture.
        using Tensor picture = tensor([9f, 9, 9, 5], [1, 1, 2, 2]);
        EvaluationTrial trial = Of(Linear(0.1f, 0, 0, 0), picture, Map);
        Assert.Equal(Sigmoid(0.5), new RoadMostRelevantFirst { Percentiles = [99], Noise = 0 }.Score(trial)[0], Close);
    }

    [Fact]
    public void A_blank_map_takes_pixels_in_an_order_of_the_seed()
    {
        EvaluationTrial trial = Of(_model, _ones, new float[2, 2]);
        double[] Curve(long seed) =>
            [
                .. new Deletion { Steps = 4, Seed = seed }
                    .CurvesOf(trial)[0]
                    .Confidences,
            ];
        Assert.Equal(Curve(3), Curve(3));
        Assert.True(Enumerable.Range(0, 20).Select(seed => Curve(seed)[1]).Distinct().Count() == 4);
    }

    [Fact]
    public void Batches_bound_the_memory_and_not_the_result()
    {
        using Tensor pictures = Fixture.FormulaInput()[..2, .., ..8, ..8].contiguous();
        using var model = Fixture.WithFormulaWeights(new AttentionLab.Models.Cnn(classes: 3, imageSize: 8));
        int largest = 0;
        using var counted = new Composed(
            x =>
            {
                largest = Math.Max(largest, (int)x.shape[0]);
                return model.call(x);
            },
            ("inner", model)
        );
        double[] Score(EvaluationMeasure measure, int batch) =>
            measure.Score(EvaluationTrial.Of(new GradCam(), counted, pictures, options: new() { BatchSize = batch })[0]);
        foreach (
            EvaluationMeasure measure in new EvaluationMeasure[]
            {
                new Deletion { Steps = 7 },
                new Insertion { Steps = 7 },
                new RoadMostRelevantFirst(),
                new AverageDrop(),
            }
        )
        {
            double[] expected = Score(measure, 64);
            largest = 0;
            AssertClose(expected, Score(measure, 3));
            Assert.Equal(measure is AverageDrop ? 2 : 3, largest);
        }
    }

    [Fact]
    public void What_is_no_class_has_no_confidence()
    {
        Assert.Contains(
            "class",
            Assert.Throws<ArgumentException>(() => new Deletion().Score(Of(_model, _ones, Map, explained: -1))).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => new AverageDrop().Score(Of(_model, _ones, Map, explained: -1)));
    }

    [Fact]
    public void Wrong_settings_are_named()
    {
        EvaluationTrial trial = Of(_model, _ones, Map);
        Assert.Contains(
            "step",
            Assert.Throws<InvalidOperationException>(() => new Deletion { Steps = 0 }.Score(trial)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "blur",
            Assert.Throws<InvalidOperationException>(() => new Insertion { Blur = double.NaN }.Score(trial)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "baseline",
            Assert.Throws<InvalidOperationException>(() => new Deletion { Baseline = [1, 2] }.Score(trial)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "[50, 20]",
            Assert
                .Throws<InvalidOperationException>(() => new RoadMostRelevantFirst { Percentiles = [50, 20] }.Score(trial))
                .Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Noise",
            Assert.Throws<InvalidOperationException>(() => new RoadMostRelevantFirst { Noise = -1 }.Score(trial)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_mean_curve_is_the_mean_of_curves()
    {
        ConfidenceCurve a = new([0, 1], [1, 0]),
            b = new([0, 1], [0.5, 0.5]);
        Assert.Equal([0.75, 0.25], ConfidenceCurve.Mean([a, b]).Confidences);
        Assert.Equal(0.5, a.Area);
        Assert.Throws<ArgumentException>(() => ConfidenceCurve.Mean([a, new([0, 0.5, 1], [0, 0, 0])]));
    }

    private static void AssertClose(IReadOnlyList<double> expected, IReadOnlyList<double> actual) =>
        Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) <= Close);
}

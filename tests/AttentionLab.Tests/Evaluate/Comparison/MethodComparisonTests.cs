using AttentionLab.Evaluate;
using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Tests.Explain;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Evaluate.Comparison;

/// <summary>
/// Pictures of 6×6 with a bright square of 2×2 somewhere at the edge, and a model that adds their pixels up, behind a convolution
/// that puts them out as they are: the activation map is the picture.
/// </summary>
[Trait("Kind", "Numeric")]
public sealed class MethodComparisonTests : IDisposable
{
    private const int Side = 6;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly nn.Module<Tensor, Tensor> _model;
    private readonly Tensor _pictures;
    private readonly byte[][] _masks;

    public MethodComparisonTests()
    {
        Conv2d conv = nn.Conv2d(1, 1, kernel_size: 1, bias: false);
        nn.Module<Tensor, Tensor> sum = Trials.Linear([.. Enumerable.Repeat(0.5f, Side * Side)]);
        using (no_grad())
        {
            conv.weight.fill_(1);
        }

        _model = new Composed(x => sum.call(conv.call(x)), ("conv", conv), ("sum", sum));
        (int Y, int X)[] corners = [(0, 0), (0, 2), (0, 4), (2, 0), (2, 4), (4, 0), (4, 2), (4, 4)];
        _masks =
        [
            .. corners.Select(corner =>
                Enumerable
                    .Range(0, Side * Side)
                    .Select(i => (i / Side) - corner.Y is 0 or 1 && (i % Side) - corner.X is 0 or 1 ? byte.MaxValue : (byte)0)
                    .ToArray()
            ),
        ];
        _pictures = tensor([.. _masks.SelectMany(mask => mask.Select(coverage => coverage / 255f))], [8, 1, Side, Side]);
    }

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void A_good_method_is_better_than_the_baselines_and_nothing_is_said_against_it()
    {
        EvaluationReport report = Comparison(new EnergyPointingGame(), new PointingGame(), new Deletion { Steps = 9 })
            .Run(_model, _pictures, _masks);
        Assert.Equal(8, report.Pictures);
        Assert.Equal("predicted class", report.Target);
        Assert.Equal(1, report.ScoreOf("activation-map", "energy-pointing-game").Interval.Mean, Tolerance.Rounding(36));
        Assert.Equal(
            ["activation-map at conv", "centred-blob at 6×6", "random-map at 6×6"],
            report.Scores.Select(score => $"{score.Method} at {score.Layer}").Distinct()
        );
        Assert.Equal(3 * 3, report.Scores.Count);
        Assert.Equal(
            ["centred-blob", "random-map"],
            report.Scores.Where(score => score.IsBaseline).Select(score => score.Method).Distinct()
        );
        Assert.Equal(["activation-map", "centred-blob", "random-map"], report.Times.Select(time => time.Method));
        Assert.All(report.Times, time => Assert.True(time.SecondsPerPicture > 0));
        Assert.Equal((3 * 2) + 2, report.Comparisons.Count); // chance is known to measures of place only
        Assert.All(report.Comparisons, comparison => Assert.True(comparison.IsBetter, $"{comparison}"));
        Assert.Empty(report.Warnings);

        // An even map has 4 of 36 pixels on the object.
        Assert.Equal(
            1 - (4 / 36.0),
            report.Comparisons.Single(c => c is { Baseline: "even-map", Measure: "energy-pointing-game" }).Advantage.Mean,
            Tolerance.Rounding(36)
        );
    }

    [Fact]
    public void A_map_of_all_but_the_object_is_told_from_a_good_one()
    {
        // Turned round: the object is dark, and the map shows all that is not the object.
        using Tensor turned = 1 - _pictures;
        EvaluationReport report = Comparison(new EnergyPointingGame(), new IntersectionOverUnion()).Run(_model, turned, _masks);
        Assert.Equal(0, report.ScoreOf("activation-map", "energy-pointing-game").Interval.Mean);
        Assert.Equal(4, report.Warnings.Count);
        Assert.StartsWith("1 of 1 maps point beside the object", report.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("Look for a shortcut", report.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("activation-map at conv points beside the object: 0", report.Warnings[1], StringComparison.Ordinal);
        Assert.Contains(
            "not better than a blob in the picture's centre by energy-pointing-game (worse: -",
            report.Warnings[2],
            StringComparison.Ordinal
        );
        Assert.Contains(
            "not better than random numbers by energy-pointing-game (worse: -",
            report.Warnings[3],
            StringComparison.Ordinal
        );

        // A method that asks what the model needs tells no shortcut where only the other does: here the gradients are equal
        // everywhere.
        MethodComparison both = new()
        {
            Methods = [new ActivationMap(), new Gradients()],
            Measures = [new EnergyPointingGame()],
            Options = new() { Layers = ["conv"] },
        };
        Assert.DoesNotContain(
            both.Run(_model, turned, _masks).Warnings,
            warning => warning.Contains("shortcut", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_blank_map_is_said_to_be_blank_and_no_better_than_chance()
    {
        using nn.Module<Tensor, Tensor> nothing = Trials.Linear(new float[Side * Side]);
        EvaluationReport report = new MethodComparison { Methods = [new Gradients()], Measures = [new EnergyPointingGame()] }.Run(
            nothing,
            _pictures,
            _masks
        );
        Assert.Contains("8 of 8 maps are zero everywhere", report.Warnings[0], StringComparison.Ordinal);
        Assert.Equal(4 / 36.0, report.ScoreOf("gradients", "energy-pointing-game").Interval.Mean, Tolerance.Rounding(36));
        BaselineComparison chance = report.Comparisons.Single(c => c.Baseline == "even-map");
        Assert.False(chance.IsBetter || chance.IsWorse);
        Assert.DoesNotContain(report.Warnings, warning => warning.Contains("beside", StringComparison.Ordinal));
    }

    [Fact]
    public void Methods_are_ranked_by_the_mean_of_their_ranks()
    {
        // The gradients of a sum are equal everywhere: worse by every measure.
        MethodComparison comparison = new()
        {
            Methods = [new Gradients(), new ActivationMap()],
            Measures = [new EnergyPointingGame(), new Deletion { Steps = 9 }, new MaxSensitivity { Samples = 1 }],
            Options = new() { Layers = ["conv"] },
        };
        EvaluationReport report = comparison.Run(_model, _pictures, _masks);
        Assert.Equal(
            ["activation-map at conv", "gradients at input"],
            report.Ranking.Select(rank => $"{rank.Method} at {rank.Layer}")
        );
        Assert.Equal(
            [4 / 3.0, 5 / 3.0],
            report.Ranking.Select(rank => rank.MeanRank),
            (a, b) => Math.Abs(a - b) < Tolerance.RoundingInDouble(4)
        );
        Assert.Equal(0, report.ScoreOf("gradients", "max-sensitivity").Interval.Mean);
        Assert.DoesNotContain(report.Comparisons, c => c.Measure == "max-sensitivity"); // a blob is as steady as can be
    }

    [Fact]
    public void One_picture_has_means_and_no_intervals_and_the_report_says_so()
    {
        EvaluationReport report = Comparison(new EnergyPointingGame()).Run(_model, _pictures[..1], _masks[..1]);
        Assert.Equal(1, report.ScoreOf("activation-map", "energy-pointing-game").Interval.Mean, Tolerance.Rounding(36));
        Assert.Equal(double.NaN, report.ScoreOf("activation-map", "energy-pointing-game").Interval.Low);
        Assert.Contains("One picture", Assert.Single(report.Warnings), StringComparison.Ordinal);
        Assert.All(report.Comparisons, comparison => Assert.False(comparison.IsBetter || comparison.IsWorse));
    }

    [Fact]
    public void A_picture_without_an_object_is_left_out()
    {
        _masks[3] = new byte[Side * Side];
        MeasureScore score = Comparison(new EnergyPointingGame())
            .Run(_model, _pictures, _masks)
            .ScoreOf("activation-map", "energy-pointing-game");
        Assert.Equal(7, score.Interval.Pictures);
        Assert.Equal(double.NaN, score.Scores[3]);
        Assert.Equal(1, score.Interval.Mean, Tolerance.Rounding(36));
    }

    [Fact]
    public void A_report_is_the_same_again_and_comes_back_from_its_file()
    {
        _masks[3] = new byte[Side * Side]; // a NaN among the scores
        MethodComparison comparison = Comparison([.. EvaluationMeasures.All]);
        EvaluationReport report = comparison.Run(_model, _pictures, _masks);
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.json");
        try
        {
            report.Save(path);
            string json = File.ReadAllText(path);
            EvaluationReport loaded = EvaluationReport.Load(path);
            Assert.Equivalent(report, loaded, strict: true);
            (comparison.Run(_model, _pictures, _masks) with { Times = report.Times }).Save(path);
            Assert.Equal(json, File.ReadAllText(path));
            File.WriteAllText(path, "{\"Model\": 3}");
            Assert.Contains(
                path,
                Assert.Throws<InvalidDataException>(() => EvaluationReport.Load(path)).Message,
                StringComparison.Ordinal
            );
        }
        finally
        {
            File.Delete(path);
        }

        string[] lines = report.ToCsv().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("method,layer,measure,better,mean,low,high,pictures", lines[0]);
        Assert.Equal(report.Scores.Count + 1, lines.Length);
        Assert.Equal("activation-map,conv,energy-pointing-game,higher,1,1,1,7", lines[2]);
    }

    [Fact]
    public void Progress_grows_to_1_and_cancellation_is_heard_and_nothing_leaks()
    {
        var told = new List<double>();
        MethodComparison comparison = new()
        {
            Methods = [new ActivationMap(), new Gradients()],
            Options = new()
            {
                Layers = ["conv"],
                BatchSize = 3,
                Progress = new Listener(told.Add),
            },
            Resamples = 100,
        };
        Live.AssertNothingLeaks(() => comparison.Run(_model, _pictures, _masks));
        Assert.Equal(0, Live.HooksOn(_model));
        told.Clear();
        comparison.Run(_model, _pictures, _masks);
        Assert.Equal(told.Order(), told);
        Assert.Equal(1, told[^1]);

        using var cancellation = new CancellationTokenSource();
        MethodComparison cancelled = new()
        {
            Methods = [new ActivationMap()],
            Options = new()
            {
                Layers = ["conv"],
                Cancellation = cancellation.Token,
                Progress = new Listener(done =>
                {
                    if (done > 0.3)
                    {
                        cancellation.Cancel();
                    }
                }),
            },
        };
        Assert.Throws<OperationCanceledException>(() => cancelled.Run(_model, _pictures, _masks));
    }

    [Fact]
    public void What_cannot_be_compared_is_named()
    {
        Assert.Contains(
            "grad-cam is there 2 times",
            Assert
                .Throws<ArgumentException>(() =>
                    new MethodComparison { Methods = [new GradCam(), new GradCam { Rectify = false }] }.Run(_model, _pictures)
                )
                .Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "takes part",
            Assert
                .Throws<ArgumentException>(() => new MethodComparison { Methods = [new CentredBlob()] }.Run(_model, _pictures))
                .Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "at least one method",
            Assert.Throws<ArgumentException>(() => new MethodComparison { Methods = [] }.Run(_model, _pictures)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "masks",
            Assert.Throws<ArgumentException>(() => Comparison(new EnergyPointingGame()).Run(_model, _pictures)).Message,
            StringComparison.Ordinal
        );
        EvaluationReport unmasked = new MethodComparison
        {
            Methods = [new ActivationMap()],
            Options = new() { Layers = ["conv"] },
        }.Run(_model, _pictures);
        Assert.DoesNotContain(unmasked.Scores, score => EvaluationMeasures.Get(score.Measure).NeedsMasks);
        Assert.Throws<ArgumentException>(() => unmasked.ScoreOf("grad-cam", "deletion"));
    }

    [Fact]
    [Trait("Takes", "long")]
    public void Without_being_told_it_compares_what_applies_to_the_model_and_its_layers()
    {
        static string[] Compared(nn.Module<Tensor, Tensor> model, params string[] layers)
        {
            using (model)
            {
                using Tensor pictures = Fixture.FormulaInput()[..1];
                return
                [
                    .. new MethodComparison
                    {
                        Measures = [new IncreaseInConfidence()],
                        Options = new() { Layers = layers },
                    }
                        .Run(model, pictures)
                        .Ranking.Select(rank => rank.Method)
                        .Distinct()
                        .Order(StringComparer.Ordinal),
                ];
            }
        }

        string[] all =
        [
            .. ExplanationMethods
                .All.Where(method => method is not AttentionMethod)
                .Select(method => method.Name)
                .Order(StringComparer.Ordinal),
        ];
        Assert.Equal(all, Compared(Fixture.WithFormulaWeights(new SeCnn())));
        Assert.Equal(all.Except(["se-map"]), Compared(Fixture.WithFormulaWeights(new SeCnn()), "conv3"));
        Assert.Equal(all.Except(["se-map"]), Compared(Fixture.WithFormulaWeights(new Cnn())));
    }

    private static MethodComparison Comparison(params EvaluationMeasure[] measures) =>
        new()
        {
            Methods = [new ActivationMap()],
            Measures = measures,
            Options = new() { Layers = ["conv"] },
        };
}

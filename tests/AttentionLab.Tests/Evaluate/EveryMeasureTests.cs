using AttentionLab.Evaluate;
using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Tests.Explain;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Evaluate;

/// <summary>What holds for all measures alike.</summary>
[Trait("Kind", "Numeric")]
public sealed class EveryMeasureTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly SeCnn _model = Fixture.WithFormulaWeights(new SeCnn(classes: 3, imageSize: 8));
    private readonly Tensor _input = Fixture.FormulaInput()[.., .., ..8, ..8].contiguous();
    private readonly byte[][] _masks =
    [
        .. Enumerable
            .Range(0, 4)
            .Select(picture => Enumerable.Range(0, 64).Select(i => (byte)(i % 8 < 2 + picture ? 255 : 0)).ToArray()),
    ];

    public static TheoryData<string> Names => [.. EvaluationMeasures.All.Select(measure => measure.Name)];

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Names_are_kebab_case_and_each_measure_has_its_direction()
    {
        Assert.Equal(
            "pointing-game+ energy-pointing-game+ iou+ relevance-mass-accuracy+ relevance-rank-accuracy+ deletion- insertion+ "
                + "average-drop- increase-in-confidence+ road-morf- road-lerf+ road-combined+ infidelity- sparseness+ complexity- "
                + "max-sensitivity- random-logit- model-randomization-",
            string.Join(' ', EvaluationMeasures.All.Select(measure => measure.Name + (measure.HigherIsBetter ? '+' : '-')))
        );
        Assert.Contains(
            "Known, nearest first: deletion,",
            Assert.Throws<ArgumentException>(() => EvaluationMeasures.Get("deletoin")).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Scores_are_the_same_again_in_any_mode_and_batch_and_the_model_stays(string name)
    {
        EvaluationMeasure measure = EvaluationMeasures.Get(name);
        _model.train();
        double[] first = measure.Score(Trial(new()));
        Assert.Equal(4, first.Length);
        Assert.All(first, score => Assert.True(double.IsFinite(score)));
        Assert.Equal(first, measure.Score(Trial(new())));

        // Maps do not depend on the batch, logits do by rounding: a probability changes by at most half as much, and a share of
        // one that is a third or more (of three classes, the predicted one's) by thrice that.
        double largest = Trial(new()).Explanation.Logits.Cast<float>().Max(Math.Abs),
            tolerance = 1.5 * largest * Tolerance.BetweenFloat32(Tolerance.Forward);
        Assert.Equal(first, measure.Score(Trial(new() { BatchSize = 3 })), (a, b) => Math.Abs(a - b) <= tolerance);
        Assert.True(_model.training && _model.ca2.fc.training && _model.dropout.training);
        Assert.All(_model.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_leaks_in_the_normal_case_and_with_a_model_that_throws(string name)
    {
        EvaluationMeasure measure = EvaluationMeasures.Get(name);
        bool broken = false;
        using var model = new Composed(
            x => _model.call(x) is var y && broken ? throw new InvalidDataException("broken") : y,
            ("inner", _model)
        );
        EvaluationTrial trial = EvaluationTrial.Of(new GradCam(), model, _input, _masks, new() { BatchSize = 16 })[0];
        _scope.Detach(_input);
        Live.AssertNothingLeaks(() => measure.Score(trial));
        broken = true;
        if (!measure.NeedsMasks && measure is not (Sparseness or Complexity)) // which look at the map alone
        {
            Live.AssertNothingLeaks(() => Assert.Throws<InvalidDataException>(() => measure.Score(trial)));
        }

        Assert.Equal(0, Live.HooksOn(model));
        _input.Dispose();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Progress_grows_to_1_and_cancellation_is_heard(string name)
    {
        EvaluationMeasure measure = EvaluationMeasures.Get(name);
        var told = new List<double>();
        measure.Score(Trial(new() { Progress = new Listener(told.Add), BatchSize = 2 }, told));
        Assert.Equal(told.Order(), told);
        Assert.Equal(1, told[^1], Tolerance.RoundingInDouble(told.Count));

        using var cancellation = new CancellationTokenSource();
        EvaluationTrial trial = Trial(new() { Cancellation = cancellation.Token });
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => measure.Score(trial));
        Assert.Equal(0, Live.HooksOn(_model));
    }

    private EvaluationTrial Trial(ExplanationOptions options, List<double>? told = null)
    {
        EvaluationTrial trial = EvaluationTrial.Of(new GradCam(), _model, _input, _masks, options with { Layers = ["conv2"] })[0];
        told?.Clear();
        return trial;
    }
}

using AttentionLab.Core;
using AttentionLab.Evaluate;
using AttentionLab.Explain;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Evaluate;

/// <summary>Measures of a few lines, by hand.</summary>
[Trait("Kind", "Numeric")]
public sealed class SmallMeasuresTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    // Of 0, 1, 1, 2 by absolute value: (−3·0 − 1·1 + 1·1 + 3·2) / (4·4).
    [Theory]
    [InlineData(6 / 16.0, 1, 0, -1, 2)]
    [InlineData(0, 1, 1, -1, 1)]
    [InlineData(0, 0, 0, 0, 0)]
    [InlineData(0.75, 0, 0, 5, 0)]
    public void Sparseness_is_the_Gini_index(double expected, double a, double b, double c, double d) =>
        Assert.Equal(expected, Score(new Sparseness(), a, b, c, d), Tolerance.RoundingInDouble(8));

    [Fact]
    public void Complexity_is_the_entropy()
    {
        Assert.Equal(1.5 * Math.Log(2), Score(new Complexity(), 1, 0, -1, 2), Tolerance.RoundingInDouble(16)); // ¼, ¼, ½
        Assert.Equal(Math.Log(4), Score(new Complexity(), 0, 0, 0, 0));
        Assert.Equal(0, Score(new Complexity(), 0, 0, 5, 0));
    }

    // The object is the first two pixels.
    [Fact]
    public void Relevance_mass_and_rank()
    {
        byte[] mask = [255, 255, 0, 0];
        Assert.Equal(3 / 7.0, Localized(new RelevanceMassAccuracy(), mask, -1, 2, 4, 0));
        Assert.Equal(0.5, Localized(new RelevanceMassAccuracy(), mask, 0, 0, 0, 0));
        Assert.Equal(0.5, Localized(new RelevanceRankAccuracy(), mask, -1, 2, 4, 0)); // of 4 and 2 the second
        Assert.Equal(1, Localized(new RelevanceRankAccuracy(), mask, 3, 2, 1, 0));
        Assert.Equal(0.5, Localized(new RelevanceRankAccuracy(), mask, 1, 1, 1, 1)); // chance
        Assert.Equal((1 + (1 / 3.0)) / 2, Localized(new RelevanceRankAccuracy(), mask, 2, 1, 1, 1)); // one of three for the second place
        Assert.Equal(double.NaN, Localized(new RelevanceRankAccuracy(), [0, 0, 0, 0], 1, 2, 3, 4));
    }

    [Fact]
    public void Infidelity_is_0_for_what_each_pixel_adds_in_any_units_and_1_for_nothing()
    {
        // Near a confidence of ½ a change of the logit by d changes it by d/4, to d³/48 at most: d is up to 0.01.
        using var model = Trials.Linear(0.001f, 0.002f, -0.003f, 0.0005f);
        Tensor picture = tensor([1f, 2, 1, 2], [1, 1, 2, 2]);
        Assert.Equal(0, Of(0.001f, 0.004f, -0.003f, 0.001f), 1e-4);
        Assert.Equal(0, Of(1, 4, -3, 1), 1e-4);
        Assert.Equal(1, Of(0, 0, 0, 0));
        Assert.InRange(Of(0, 0, 0, 1), 0.1, 1);
        using var blind = Trials.Linear(0, 0, 0, 0);
        Assert.Equal(double.NaN, new Infidelity().Score(Trials.Of(blind, picture, new Heatmap((2, 2), [1, 2, 3, 4])))[0]);

        double Of(params float[] map) => new Infidelity().Score(Trials.Of(model, picture, new Heatmap((2, 2), map)))[0];
    }

    [Fact]
    public void Random_logit_tells_methods_that_hear_the_question()
    {
        using var model = Trials.Linear(1, 2, 3, 4);
        Tensor picture = ones(1, 1, 2, 2);
        Assert.Equal(0, Of(new Gradients())); // y₁ has no weights: the map is flat
        Assert.Equal(1, Of(new CentredBlob()));

        double Of(ExplanationMethod method) =>
            new RandomLogit().Score(EvaluationTrial.Of(method, model, picture, options: new() { Target = Target.Class(0) })[0])[
                0
            ];
    }

    [Fact]
    public void ROAD_combined_is_half_the_difference_of_both_orders()
    {
        using var model = Trials.Linear(1, -2, 3, 0.5f);
        EvaluationTrial trial = Trials.Of(model, tensor([1f, 2, 1, 2], [1, 1, 2, 2]), new Heatmap((2, 2), [4, 1, 3, 2]));
        Assert.Equal(
            (new RoadLeastRelevantFirst().Score(trial)[0] - new RoadMostRelevantFirst().Score(trial)[0]) / 2,
            new RoadCombined().Score(trial)[0]
        );
    }

    private static double Score(EvaluationMeasure measure, params double[] map)
    {
        using var model = Trials.Linear(1, 1, 1, 1);
        return measure.Score(Trials.Of(model, ones(1, 1, 2, 2), Map(map)))[0];
    }

    private static double Localized(LocalizationMeasure measure, byte[] mask, params double[] map) => measure.Of(Map(map), mask);

    private static Heatmap Map(double[] values) => new((2, 2), [.. values.Select(value => (float)value)]);
}

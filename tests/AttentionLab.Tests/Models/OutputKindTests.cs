using AttentionLab.Core;
using AttentionLab.Evaluate;
using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Tests.Explain;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Models;

/// <summary>Networks that do not end in a score for each of several classes.</summary>
public sealed class OutputKindTests : IDisposable
{
    private static readonly ExplanationOptions AtRelu = new() { Layers = ["relu"] };

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    /// <summary>Left half +1, right half −1.</summary>
    private static Tensor Picture => cat([ones(1, 1, 8, 4), -ones(1, 1, 8, 4)], 3);

    /// <summary>Left half +1, right half −0.1.</summary>
    private static Tensor OtherPicture => cat([ones(1, 1, 8, 4), -0.1 * ones(1, 1, 8, 4)], 3);

    /// <summary>
    /// y = mean(max(0, x)) − 3·mean(max(0, −x)), which is 0.5 − 1.5 = −1 for the picture and 0.35 for the other, and an end of
    /// its own.
    /// </summary>
    private static Composed OneNumber(Func<Tensor, Tensor> end) => OfMeans(means => end(means[.., ..1] - (3 * means[.., 1..])));

    private static Composed OfMeans(Func<Tensor, Tensor> end)
    {
        Conv2d conv = Conv2d(1, 2, kernel_size: 1, bias: false);
        ReLU relu = ReLU();
        using IDisposable noGradients = no_grad();
        conv.weight.copy_(tensor([1f, -1f], [2, 1, 1, 1]));
        return new Composed(x => end(relu.call(conv.call(x)).mean([2, 3])), ("conv", conv), ("relu", relu));
    }

    public static TheoryData<string, OutputKind> Ends =>
        new()
        {
            { "y", OutputKind.BinaryLogit },
            { "sigmoid(y)", OutputKind.BinaryProbability },
            { "[-y/2, y/2]", OutputKind.Logits },
            { "softmax[-y/2, y/2]", OutputKind.Probabilities },
            { "log_softmax[-y/2, y/2]", OutputKind.Logits },
            { "sigmoid[-y, y]", OutputKind.Probabilities }, // of two classes it is the same
        };

    private static Tensor End(string name, Tensor y) =>
        name switch
        {
            "y" => y,
            "sigmoid(y)" => y.sigmoid(),
            "[-y/2, y/2]" => cat([-y / 2, y / 2], 1),
            "softmax[-y/2, y/2]" => cat([-y / 2, y / 2], 1).softmax(1),
            "log_softmax[-y/2, y/2]" => functional.log_softmax(cat([-y / 2, y / 2], 1), 1),
            _ => cat([-y, y], 1).sigmoid(),
        };

    [Theory]
    [MemberData(nameof(Ends))]
    public void Whatever_end_two_classes_have_the_class_its_map_and_its_probability_are_the_same(string end, OutputKind kind)
    {
        using Composed model = OneNumber(y => End(end, y));
        Explanation negative = new GradCam().Explain(model, Picture, AtRelu)[0],
            positive = new GradCam().Explain(model, OtherPicture, AtRelu)[0];
        Assert.Equal(kind, negative.Output);
        Assert.Equal((0, 0), (negative.Predictions[0], negative.Classes[0]));
        Assert.Equal((1, 1), (positive.Predictions[0], positive.Classes[0]));

        // y's gradient is 1/64 at each place of channel 0 and −3/64 in channel 1. For the class "negative" the right half speaks,
        // 32 places of 3/64; the score of a class in two logits is half of y.
        (double left, double right) = Halves(negative);
        double scale = kind == OutputKind.Logits && end[0] == '[' ? 0.5 : 1;
        scale = end == "log_softmax[-y/2, y/2]" ? 1 - 0.7310585786 : scale; // the gradient of ln σ(−y)
        // Sums over 64 places and what the end adds.
        Assert.Equal(0, left, 1.5 * Tolerance.Rounding(64 + 16));
        Assert.Equal(1.5 * scale, right, 1.5 * Tolerance.Rounding(64 + 16));

        EvaluationTrial trial = EvaluationTrial.Of(new GradCam(), model, Picture, null, AtRelu)[0];
        Assert.Equal(1 / (1 + Math.Exp(-1)), trial.ConfidenceOf(0), Tolerance.Rounding(64 + 16));

        // The right half goes first, in two steps: y is −1, −0.25, 0.5, then 0.25 and 0.
        Assert.Equal(
            new[] { -1, -0.25, 0.5, 0.25, 0 }.Select(y => 1 / (1 + Math.Exp(y))),
            new Deletion { Steps = 4 }
                .CurvesOf(trial)[0]
                .Confidences,
            (a, b) => Math.Abs(a - b) < Tolerance.Rounding(64 + 16)
        );
    }

    public static IEnumerable<TheoryDataRow<string>> Measures =>
        EvaluationMeasures.All.Where(measure => !measure.NeedsMasks).Select(measure => new TheoryDataRow<string>(measure.Name));

    [Theory]
    [MemberData(nameof(Measures))]
    public void Every_measure_says_the_same_of_all_ends(string name)
    {
        EvaluationMeasure measure = EvaluationMeasures.Get(name);
        double[][] scores =
        [
            .. Ends.Where(end => end.Data.Item1 != "log_softmax[-y/2, y/2]")
                .Select(end =>
                {
                    using Composed model = OneNumber(y => End(end.Data.Item1, y));
                    return EvaluationTrial.Of(new GradCam(), model, cat([Picture, OtherPicture]), null, AtRelu)[0] is var trial
                        ? measure.Score(trial)
                        : [];
                }),
        ];
        // The score of a class with probability p is off by what p is off by, divided by p·(1 − p): here up to five times that.
        // A measure of one, or a quotient of two, of values up to its score.
        Assert.All(
            scores,
            of =>
                Assert.Equal(
                    scores[0],
                    of,
                    (a, b) =>
                        Math.Abs(a - b) <= 2 * 5 * Tolerance.Rounding(64 + 16) * Math.Max(1, Math.Abs(a))
                        || (double.IsNaN(a) && double.IsNaN(b))
                )
        );
        if (name is "deletion" or "insertion" or "road-morf" or "road-lerf")
        {
            Assert.All(scores[0], score => Assert.InRange(score, 0.05, 0.95)); // and not 1, whatever the model says
        }
    }

    [Theory]
    [InlineData("grad-cam")]
    [InlineData("score-cam")]
    [InlineData("ablation-cam")]
    [InlineData("hires-cam")]
    [InlineData("occlusion")]
    [InlineData("gradients")]
    public void Either_class_of_one_logit_can_be_asked_for(string name)
    {
        using Composed model = OneNumber(y => y);
        ExplanationMethod method = ExplanationMethods.Get(name);
        float[] Map(Target target, ExplanationOptions options) =>
            [.. method.Explain(model, Picture, options with { Target = target })[0].Flat()];
        ExplanationOptions options = method is Occlusion or Gradients ? new() : AtRelu;
        Assert.Equal(Map(Target.Score("y", y => y.select(1, 0)), options), Map(Target.Class(1), options));
        Assert.Equal(Map(Target.Score("-y", y => -y.select(1, 0)), options), Map(Target.Class(0), options));
        Assert.Equal(Map(Target.Class(1), options), Map(Target.Difference(1, 0), options));
        Assert.Contains(
            "classes 0 to 1",
            Assert.Throws<ArgumentOutOfRangeException>(() => Map(Target.Class(2), options)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Independent_sigmoids_have_each_its_own_probability()
    {
        // Means of the two channels, eight times: 4 and 1 for +1 on the left and −¼ on the right.
        Tensor picture = cat([ones(1, 1, 8, 4), -0.25 * ones(1, 1, 8, 4)], 3);
        double Confidence(Func<Tensor, Tensor> end, OutputKind derived, OutputKind? stated = null)
        {
            using Composed model = OfMeans(means => end(8 * means));
            EvaluationTrial trial = EvaluationTrial.Of(new GradCam(), model, picture, null, AtRelu with { Output = stated })[0];
            Assert.Equal(derived, trial.Explanation.Output);
            Assert.Equal(0, trial.Explanation.Predictions[0]);
            return trial.ConfidenceOf(0);
        }

        // Means of 64 values up to 8, a probability's slope being ¼ at most.
        const double tolerance = 8 * 0.25 * (64 + 16) * Tolerance.Float32Unit;
        double one = 1 / (1 + Math.Exp(-3)),
            label = 1 / (1 + Math.Exp(-4));
        Assert.Equal(one, Confidence(y => y, OutputKind.Logits), tolerance);
        Assert.Equal(one, Confidence(y => y.softmax(1), OutputKind.Probabilities), tolerance);
        Assert.Equal(one, Confidence(y => functional.log_softmax(y, 1), OutputKind.Logits), tolerance);
        Assert.Equal(label, Confidence(y => y.sigmoid(), OutputKind.MultiLabelProbabilities), tolerance);
        Assert.Equal(label, Confidence(y => y, OutputKind.MultiLabelLogits, OutputKind.MultiLabelLogits), tolerance);
    }

    [Fact]
    public void Scores_of_probabilities_are_log_odds_also_near_one()
    {
        // Logits 30, 1, 2: 1 − p₀ is 1.8e-12, which a float cannot tell from 0.
        Tensor logits = tensor([30f, 1, 2], [1, 3]);
        double others = Math.Log(Math.Exp(1) + Math.Exp(2));
        float[] scores = ModelOutput.ScoresOf(OutputKind.Probabilities, logits.softmax(1)).data<float>().ToArray();
        double tolerance = 30 * Tolerance.Rounding(8);
        Assert.Equal(30 - others, scores[0], tolerance);
        Assert.Equal(1 - 30, scores[1], tolerance);
        float[] comparable = ModelOutput.ComparableScoresOf(OutputKind.Probabilities, logits.softmax(1)).data<float>().ToArray();
        Assert.Equal(-1, comparable[1] - comparable[2], tolerance);
    }

    [Fact]
    public void The_kind_is_derived_from_how_far_the_output_goes()
    {
        OutputKind Kind(Func<Tensor, Tensor> end)
        {
            using Composed model = OneNumber(end);
            return ModelOutput.KindOf(model, Picture);
        }

        Assert.Equal(OutputKind.BinaryLogit, Kind(y => y + 1.5)); // 0.5, within [0, 1] by chance
        Assert.Equal(OutputKind.Logits, Kind(y => cat([y + 1.25, y + 1.75], 1))); // 0.25 and 0.75 add up to 1 by chance
        Assert.Equal(OutputKind.BinaryProbability, Kind(y => (y * 1000).sigmoid())); // 0 and 1
        Assert.Equal(OutputKind.Logits, Kind(y => cat([0 * y, 0 * y], 1))); // a network that says nothing
        Assert.Equal(OutputKind.MultiLabelProbabilities, Kind(y => cat([y, y, 2 * y], 1).sigmoid()));
        Assert.Equal(OutputKind.Probabilities, Kind(y => cat([y, y, 2 * y], 1).softmax(1)));
    }

    [Fact]
    public void A_kind_that_the_output_contradicts_is_refused()
    {
        string Message(Func<Tensor, Tensor> end, OutputKind kind)
        {
            using Composed model = OneNumber(end);
            return Assert
                .Throws<InvalidOperationException>(() => new GradCam().Explain(model, Picture, AtRelu with { Output = kind }))
                .Message;
        }

        Assert.Contains("returns 1. State another OutputKind", Message(y => y, OutputKind.Logits), StringComparison.Ordinal);
        Assert.Contains("one number for each", Message(y => cat([y, y], 1), OutputKind.BinaryLogit), StringComparison.Ordinal);
        Assert.Contains("outside [0, 1]", Message(y => y, OutputKind.BinaryProbability), StringComparison.Ordinal);
        Assert.Contains(
            "add up to 1",
            Message(y => cat([y, y], 1).sigmoid() / 3, OutputKind.Probabilities),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_kind_and_the_remarks_are_saved_with_the_maps()
    {
        using Composed model = OneNumber(y => y);
        Explanation saved = new GradCam().Explain(model, Picture, AtRelu)[0] with { Remarks = ["something to know"] };
        string path = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.safetensors");
        try
        {
            ExplanationFile.Save([saved], path);
            Explanation loaded = Assert.Single(ExplanationFile.Load(path));
            Assert.Equal(OutputKind.BinaryLogit, loaded.Output);
            Assert.Equal(["something to know"], loaded.Remarks);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static (double Left, double Right) Halves(Explanation explanation)
    {
        Heatmap map = explanation[0];
        double[] halves = new double[2];
        for (int i = 0; i < map.Length; i++)
        {
            halves[i % 8 / 4] += map[i / 8, i % 8];
        }

        return (halves[0], halves[1]);
    }
}

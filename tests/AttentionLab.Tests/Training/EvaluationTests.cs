using AttentionLab.Data;
using AttentionLab.Training;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

[Trait("Kind", "Numeric")]
public sealed class EvaluationTests
{
    [Fact]
    public void Means_weigh_every_picture_alike_although_the_last_batch_is_short()
    {
        // Logits (x, 0) of the first red value x: −ln softmax is softplus(−x) for class 0 and softplus(x) for class 1.
        var images = new LabeledImages("three", 1, 1, [0, 0, 0, 51, 0, 0, 255, 0, 0], [0, 1, 1], ["a", "b"]);
        var identity = new Normalization([0, 0, 0], [1, 1, 1]);
        using var model = new FirstValue();
        model.train();

        Evaluation evaluation = Evaluation.Of(model, images, identity, batchSize: 2);

        double expected = (Math.Log(2) + Softplus(0.2) + Softplus(1)) / 3;
        Assert.Equal(expected, evaluation.Loss, 8 * Tolerance.Float32Unit); // a softmax of two rounds as often
        Assert.Equal([0, 0, 0], evaluation.Predictions);
        Assert.Equal(1 / 3.0, evaluation.Accuracy);
        Assert.True(model.training, "The mode should be put back.");
        for (int i = 0; i < 3; i++)
        {
            double first = 1 / (1 + Math.Exp(-new[] { 0, 0.2, 1 }[i]));
            Assert.Equal(first, evaluation.Probabilities[i, 0], 8 * Tolerance.Float32Unit);
            Assert.Equal(1 - first, evaluation.Probabilities[i, 1], 8 * Tolerance.Float32Unit);
        }

        Assert.Equal([0, 1, 1], evaluation.Labels);
        Assert.Equal(["a", "b"], evaluation.ClassNames);
        Assert.Equal(
            new[,]
            {
                { 1, 0 },
                { 2, 0 },
            },
            evaluation.ConfusionMatrix
        );
        Assert.Equal(
            [(2, 1, 0), (1, 1, 0)],
            evaluation.Misclassified.Select(picture => (picture.Picture, picture.TrueClass, picture.PredictedClass))
        );
        Assert.Equal(evaluation.Probabilities[2, 0], evaluation.Misclassified[0].Confidence);
    }

    [Fact]
    public void Scores_of_each_class_agree_with_the_definitions()
    {
        // Class a: 3 pictures, 2 found, 3 called so. Class b: 2 pictures, 1 found, 2 called so. Class c: 1 picture, never
        // predicted. Class d: in neither.
        Evaluation evaluation = Made([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 0, 0], ["a", "b", "c", "d"]);
        Assert.Equal(
            new[,]
            {
                { 2, 1, 0, 0 },
                { 1, 1, 0, 0 },
                { 1, 0, 0, 0 },
                { 0, 0, 0, 0 },
            },
            evaluation.ConfusionMatrix
        );
        Assert.Equal(
            [
                new ClassScore("a", 0.5, 2 / 3.0, 4 / 7.0, 3),
                new ClassScore("b", 0.5, 0.5, 0.5, 2),
                new ClassScore("c", double.NaN, 0, 0, 1),
                new ClassScore("d", double.NaN, double.NaN, double.NaN, 0),
            ],
            evaluation.PerClass
        );
        Assert.Equal("a: precision 0.500, recall 0.667, F1 0.571, support 3", evaluation.PerClass[0].ToString());
        Assert.Equal(
            "c: precision undefined (never predicted), recall 0.000, F1 0.000, support 1",
            evaluation.PerClass[2].ToString()
        );
        Assert.Equal(
            "d: precision undefined (never predicted), recall undefined (no picture of it), F1 undefined (no picture of it, "
                + "never predicted), support 0",
            evaluation.PerClass[3].ToString()
        );
    }

    [Fact]
    public void Mistakes_come_most_confident_first_and_equal_ones_in_order()
    {
        Evaluation evaluation = Made([0, 0, 0, 0, 0], [1, 0, 1, 1, 1], ["a", "b"], [0.6f, 0.1f, 0.9f, 0.6f, float.NaN]);
        Assert.Equal([2, 0, 3, 4], evaluation.Misclassified.Select(picture => picture.Picture));
        Assert.Equal([0.9f, 0.6f, 0.6f, float.NaN], evaluation.Misclassified.Select(picture => picture.Confidence));
    }

    [Fact]
    public void An_output_beyond_the_classes_has_its_row_and_column()
    {
        var images = new LabeledImages("two", 1, 1, [0, 0, 0, 255, 0, 0], [0, 0], ["a"]);
        using var model = new FirstValue();
        Evaluation evaluation = Evaluation.Of(model, images, new Normalization([0, 0, 0], [-1, 1, 1])); // logits (−x, 0)
        Assert.Equal(["a", "output 1"], evaluation.ClassNames);
        Assert.Equal([0, 1], evaluation.Predictions);
        Assert.Equal(
            new[,]
            {
                { 1, 1 },
                { 0, 0 },
            },
            evaluation.ConfusionMatrix
        );
        Assert.Equal("accuracy 50.0 %, loss 1.003, pictures 2", evaluation.ToString());
    }

    /// <summary>
    /// By hand: of the picture (0, 1) the logits are (0, 0) and of its mirror image (1, 0), whose mean is (½, 0).
    /// </summary>
    [Fact]
    public void Test_time_flipping_averages_the_logits_with_those_of_the_mirror_image()
    {
        var images = new LabeledImages("one", 1, 2, [0, 255, 0, 0, 0, 0], [0], ["a", "b"]);
        using var model = new FirstValue();
        Evaluation evaluation = Evaluation.Of(model, images, new Normalization([0, 0, 0], [1, 1, 1]), testTimeFlipping: true);
        Assert.Equal(Softplus(-0.5), evaluation.Loss, 8 * Tolerance.Float32Unit);
        Assert.Equal(1 / (1 + Math.Exp(-0.5)), evaluation.Probabilities[0, 0], 8 * Tolerance.Float32Unit);
    }

    /// <summary>
    /// By hand: the network answers with the pixel in the upper left corner. Of the picture with rows (1, 2, 3), (4, 5, 6),
    /// (7, 8, 9) / 255 that is 1, of the picture moved by (1, 1) the reflected 5, moved by (−1, −1) the inner 5: ½·1 + ½·5 = 3.
    /// From both sides each view is averaged with its upper right corner, which is 3, 5 and 5:
    /// ½·(1 + 3)/2 + ½·(5 + 5)/2 = 3.5.
    /// </summary>
    [Theory]
    [InlineData(0, false, 1)]
    [InlineData(1, false, 3)]
    [InlineData(2, false, 5)]
    [InlineData(1, true, 3.5)]
    public void Shifted_tests_weigh_the_picture_one_half_and_each_diagonal_a_quarter(int shift, bool flip, double logit)
    {
        byte[] plane = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        var images = new LabeledImages("one", 3, 3, [.. plane, .. plane, .. plane], [0], ["a", "b"]);
        using var model = new FirstValue();
        var bytes = new Normalization([0, 0, 0], [1 / 255f, 1 / 255f, 1 / 255f]);
        Evaluation evaluation = Evaluation.Of(model, images, bytes, testTimeFlipping: flip, testTimeShift: shift);
        Assert.Equal(Softplus(-logit), evaluation.Loss, 64 * Tolerance.Float32Unit);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_shift_is_smaller_than_the_picture(int shift)
    {
        var images = new LabeledImages("one", 3, 3, new byte[27], [0], ["a", "b"]);
        using var model = new FirstValue();
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            Evaluation.Of(model, images, Normalization.Tutorial, testTimeShift: shift)
        );
    }

    [Fact]
    public void An_empty_split_is_refused()
    {
        using var model = new FirstValue();
        Assert.Throws<ArgumentException>(() =>
            Evaluation.Of(model, new LabeledImages("none", 1, 1, [], [], ["a"]), Normalization.Tutorial)
        );
    }

    private static Evaluation Made(int[] labels, int[] predictions, string[] names, float[]? confidences = null)
    {
        var probabilities = new float[labels.Length, names.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            probabilities[i, predictions[i]] = confidences?[i] ?? 1;
        }

        return new Evaluation(0, 0, predictions)
        {
            Labels = labels,
            ClassNames = names,
            Probabilities = probabilities,
        };
    }

    private static double Softplus(double x) => Math.Log(1 + Math.Exp(x));

    private sealed class FirstValue() : nn.Module<Tensor, Tensor>("first value")
    {
        public override Tensor forward(Tensor input)
        {
            Tensor x = input.flatten(1).narrow(1, 0, 1);
            return cat([x, zeros_like(x)], 1);
        }
    }
}

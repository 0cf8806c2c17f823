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
    }

    [Fact]
    public void An_empty_split_is_refused()
    {
        using var model = new FirstValue();
        Assert.Throws<ArgumentException>(() =>
            Evaluation.Of(model, new LabeledImages("none", 1, 1, [], [], ["a"]), Normalization.Tutorial)
        );
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

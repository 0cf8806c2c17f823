using AttentionLab.Core;
using AttentionLab.Evaluate;
using AttentionLab.Explain;
using AttentionLab.Tests.Explain;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Evaluate.Stability;

[Trait("Kind", "Numeric")]
public sealed class MaxSensitivityTests
{
    [Fact]
    public void It_is_the_largest_change_of_the_map_over_its_norm()
    {
        // A convolution that outputs its input: the map is the picture, so its change is the noise.
        using DisposeScope scope = NewDisposeScope();
        using Conv2d conv = nn.Conv2d(1, 1, kernel_size: 1, bias: false);
        using nn.Module<Tensor, Tensor> fc = Trials.Linear(1, 1, 1, 1);
        using (no_grad())
        {
            conv.weight.fill_(1);
        }

        using var model = new Composed(x => fc.call(conv.call(x)), ("conv", conv), ("fc", fc));
        Tensor pictures = tensor([1f, 2, 3, 5, 0, 0, 0, 2], [2, 1, 2, 2]);
        MaxSensitivity measure = new()
        {
            Samples = 3,
            Radius = 0.1,
            Seed = 7,
        };
        double[] scores = measure.Score(
            EvaluationTrial.Of(new ActivationMap(), model, pictures, options: new() { Layers = ["conv"] })[0]
        );

        double Largest(int picture) =>
            Enumerable
                .Range(0, 3)
                .Max(sample =>
                {
                    var random = new RandomStream(7, picture, sample);
                    double sum = 0;
                    for (int i = 0; i < 4; i++)
                    {
                        double noise = random.Uniform(-1, 1);
                        sum += noise * noise;
                    }

                    return Math.Sqrt(sum);
                });
        // A noise of 0.1 moves values up to 20 = 4·5, whose rounding it is measured against.
        double tolerance = 20 * Tolerance.Rounding(8);
        Assert.Equal(0.1 * 4 * Largest(0) / Math.Sqrt(1 + 4 + 9 + 25), scores[0], tolerance);
        Assert.Equal(0.1 * 2 * Largest(1) / 2, scores[1], tolerance);
        Assert.Equal([0, 0], new MaxSensitivity { Samples = 2 }.Score(EvaluationTrial.Of(new CentredBlob(), model, pictures)[0]));
        Assert.All(
            new MaxSensitivity { Samples = 2 }.Score(EvaluationTrial.Of(new RandomMap(), model, pictures)[0]),
            score => Assert.True(score > 0.1)
        );
        Assert.Throws<InvalidOperationException>(() =>
            new MaxSensitivity { Samples = 0 }.Score(EvaluationTrial.Of(new CentredBlob(), model, pictures)[0])
        );
    }

    [Fact]
    public void A_blank_map_that_stays_so_has_not_changed_and_one_that_does_not_has_no_score()
    {
        using DisposeScope scope = NewDisposeScope();
        using nn.Module<Tensor, Tensor> model = Trials.Linear(1, 1, 1, 1);
        Tensor even = ones(1, 1, 2, 2),
            uneven = tensor([0f, 0, 0, 1], [1, 1, 2, 2]);
        EvaluationTrial blank = Trials.Of(model, uneven, new float[2, 2]);
        Assert.Equal(double.NaN, new MaxSensitivity().Score(blank)[0]); // the blob, asked again, is not blank
        using nn.Module<Tensor, Tensor> nothing = Trials.Linear(0, 0, 0, 0);
        Assert.Equal(0, new MaxSensitivity { Samples = 1 }.Score(EvaluationTrial.Of(new Gradients(), nothing, uneven)[0])[0]);
        Assert.Equal(0, new MaxSensitivity { Samples = 1 }.Score(EvaluationTrial.Of(new Gradients(), model, even)[0])[0]);
    }
}

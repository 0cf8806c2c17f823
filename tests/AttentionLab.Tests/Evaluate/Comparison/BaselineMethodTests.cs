using AttentionLab.Evaluate;
using AttentionLab.Explain;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Evaluate.Comparison;

[Trait("Kind", "Numeric")]
public sealed class BaselineMethodTests
{
    [Fact]
    public void The_blob_is_a_Gaussian_about_the_middle()
    {
        using nn.Module<Tensor, Tensor> model = Trials.Linear(new float[15]);
        using Tensor picture = ones(1, 1, 3, 5);
        Explanation blob = new CentredBlob { StandardDeviation = 0.5 }.Explain(model, picture)[0];
        Assert.Equal("3×5", blob.Layer);
        Assert.Equal(1, blob[0][1, 2]);
        double down = 1 / 1.5,
            right = 2 / 2.5;
        Assert.Equal(Math.Exp(-((down * down) + (right * right)) / 2), blob[0][0, 4], Tolerance.Rounding(2));
        Assert.Equal(blob[0][0, 4], blob[0][2, 0]);
        Assert.Throws<InvalidOperationException>(() => new CentredBlob { StandardDeviation = 0 }.Explain(model, picture));
    }

    [Fact]
    public void A_picture_keeps_its_random_map_in_any_batch()
    {
        using var scope = NewDisposeScope();
        using nn.Module<Tensor, Tensor> model = Trials.Linear(new float[3 * 64]);
        Tensor pictures = Fixture.FormulaInput()[.., .., ..8, ..8].contiguous();
        Explanation together = new RandomMap(4, 5).Explain(model, pictures)[0];
        Assert.Equal("4×5", together.Layer);
        Assert.Equal(together[2], new RandomMap(4, 5).Explain(model, pictures[2..3])[0][0]);
        Assert.Equal(together.Maps, new RandomMap(4, 5).Explain(model, pictures, new() { BatchSize = 3 })[0].Maps);
        Assert.NotEqual(together[0], together[1]);
        Assert.NotEqual(together[0], new RandomMap(4, 5) { Seed = 1 }.Explain(model, pictures)[0][0]);
        Assert.All(together.Flat(), value => Assert.InRange(value, 0, 1));
        Assert.Equal(
            (8, 8),
            (
                new RandomMap().Explain(model, pictures)[0].Maps[0].Height,
                new RandomMap().Explain(model, pictures)[0].Maps[0].Width
            )
        );
    }
}

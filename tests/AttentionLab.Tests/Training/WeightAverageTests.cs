using AttentionLab.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

[Trait("Kind", "Numeric")]
public sealed class WeightAverageTests
{
    /// <summary>
    /// torch 1.13: AveragedModel(model, avg_fn=lambda a, w, n: 0.75·a + 0.25·w) after weights of 1, 2, 4, 8 is 1, 1.25, 1.9375,
    /// 3.453125. All are exact in float32.
    /// </summary>
    [Fact]
    public void The_average_is_torchs()
    {
        using Linear model = nn.Linear(1, 1, hasBias: false);
        using var average = new WeightAverage(model, 0.75);
        float[] expected = [1, 1.25f, 1.9375f, 3.453125f];
        for (int step = 0; step < 4; step++)
        {
            using (no_grad())
            {
                model.weight!.fill_(1 << step);
            }

            average.Update(Weight.Of(model), isFirst: step == 0);
            Assert.Equal(expected[step], average.State.Single().Value.item<float>());
        }

        average.Swap();
        Assert.Equal((3.453125f, 8f), (model.weight!.item<float>(), average.State.Single().Value.item<float>()));
        average.Swap();
        Assert.Equal((8f, 3.453125f), (model.weight!.item<float>(), average.State.Single().Value.item<float>()));
    }

    /// <summary>BatchNorm's statistics are averaged too, and its count of batches is copied.</summary>
    [Fact]
    public void Buffers_go_along()
    {
        using BatchNorm1d model = nn.BatchNorm1d(1);
        using var average = new WeightAverage(model, 0.5);
        foreach ((int step, float mean) in new[] { 2f, 4f }.Index())
        {
            using (no_grad())
            {
                model.running_mean!.fill_(mean);
                model.num_batches_tracked!.fill_(step + 1);
            }

            average.Update(Weight.Of(model), isFirst: step == 0);
        }

        Dictionary<string, Tensor> state = average.State.ToDictionary(part => part.Name, part => part.Value);
        Assert.Equal(3f, state["running_mean"].item<float>());
        Assert.Equal(2, state["num_batches_tracked"].item<long>());
    }
}

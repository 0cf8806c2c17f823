using AttentionLab.Explain;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Explain.Methods;

/// <summary>What methods cost with the size of the picture.</summary>
[Trait("Kind", "Numeric")]
public sealed class CostTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(32)]
    [InlineData(96)]
    public void Occlusions_windows_grow_with_the_picture(int side)
    {
        using var model = new Counting();
        new Occlusion().Explain(model, ones(1, 3, side, side));

        // Seven by seven, whatever the size: a quarter of the side, moved by half of that.
        Assert.Equal(49, model.Pictures.Max());
    }

    [Fact]
    public void Large_pictures_go_through_a_few_at_a_time()
    {
        using var model = new Counting();
        new Occlusion().Explain(model, ones(1, 3, 512, 512));
        Assert.Equal(4, model.Pictures.Max()); // 2²⁰ / 512²
    }

    [Fact]
    public void A_limit_of_channels_asks_the_largest_ones_only()
    {
        using var model = new SeResNet(3, seed: 2);
        Tensor input = tensor([.. Enumerable.Range(0, 3072).Select(i => (float)Fixture.Uniform(9, (uint)i))], [1, 3, 32, 32]);
        ExplanationOptions layer = new() { Layers = ["layer3"] };
        foreach (
            Func<int?, PerturbationMap> method in (Func<int?, PerturbationMap>[])
                [most => new ScoreCam { MostChannels = most }, most => new AblationCam { MostChannels = most }]
        )
        {
            float[] all = Values(method(null)),
                every = Values(method(64)),
                one = Values(method(1));
            Assert.Equal(all, every);

            // Of one channel the map is that channel times a number; each value is a product rounded to float32, and so is what
            // the number was found from.
            using var extractor = new ActivationExtractor(model, "layer3");
            using LayerActivations seen = extractor.Run(input);
            long largest = seen["layer3"].abs().mean([2, 3]).argmax().item<long>();
            float[] channel = seen["layer3"][0, largest].contiguous().data<float>().ToArray();
            double factor =
                one.Zip(channel, (map, value) => (double)map * value).Sum() / channel.Sum(value => (double)value * value);
            Assert.All(
                one.Zip(channel),
                pair => Assert.Equal(Math.Max(0, factor * pair.Second), pair.First, Tolerance.Rounding(3) * one.Max(Math.Abs))
            );
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new ScoreCam { MostChannels = 0 });

        float[] Values(PerturbationMap method) => method.Explain(model, input, layer)[0].Maps[0].Values.ToArray();
    }

    /// <summary>Counts the pictures of each pass.</summary>
    private sealed class Counting() : nn.Module<Tensor, Tensor>(nameof(Counting))
    {
        public List<int> Pictures { get; } = [];

        public override Tensor forward(Tensor input)
        {
            Pictures.Add((int)input.shape[0]);
            return input.mean([2, 3]) * 3;
        }
    }
}

using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Explain.Activations;

[Trait("Kind", "Numeric")]
public sealed class FeatureMapsTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Maps_and_means_are_those_of_the_picture_asked_for()
    {
        Tensor activation = arange(0, 24, dtype: float32).reshape(2, 3, 2, 2).permute(0, 1, 3, 2);
        Assert.Equal([16, 18, 17, 19], FeatureMaps.Of(activation, picture: 1)[1].Flat());
        Assert.Equal([13.5f, 17.5f, 21.5f], FeatureMaps.Means(activation, picture: 1));
    }

    [Fact]
    public void Channels_rank_by_mean_and_equal_ones_by_number()
    {
        Tensor activation = tensor([1f, 1, 5, -1, 2, 2, 0, 2], [1, 4, 1, 2]);
        Assert.Equal(
            [(1, 2f), (2, 2f), (0, 1f), (3, 1f)],
            FeatureMaps.Top(activation, 4).Select(channel => (channel.Channel, channel.Mean))
        );
        Assert.Equal([5, -1], FeatureMaps.Top(activation, 1)[0].Map.Flat());
    }

    [Theory]
    [MemberData(nameof(NetworkTests.Both), MemberType = typeof(NetworkTests))]
    public void Heat_maps_are_the_tutorials(string name)
    {
        using var model = Fixture.WithFormulaWeights(NetworkTests.Create(name));
        AssertHeatMaps(model, Fixture.FormulaInput(), Fixture.Formula, name);
    }

    [Theory]
    [MemberData(nameof(NetworkTests.Both), MemberType = typeof(NetworkTests))]
    public void Heat_maps_of_photographs_are_the_tutorials(string name)
    {
        Dictionary<string, Tensor> expected = Safetensors.Load(Fixture.Shared("parity/expected.safetensors"));
        using var model = Expected.Model(name);
        AssertHeatMaps(model, expected["input"], expected, $"{name}_seed0");
        foreach (Tensor value in expected.Values)
        {
            value.Dispose();
        }
    }

    [Fact]
    public void Layers_without_height_and_width_and_broken_values_are_refused()
    {
        Assert.Contains(
            "2×3",
            Assert.Throws<ArgumentException>(() => FeatureMaps.Of(zeros(2, 3))).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => FeatureMaps.Of(zeros(1, 2, 2, 2, dtype: int64)));
        Assert.Throws<ArgumentException>(() => FeatureMaps.Of(zeros(0, 2, 2, 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => FeatureMaps.Of(zeros(1, 2, 2, 2), picture: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => FeatureMaps.Top(zeros(1, 2, 2, 2), 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => FeatureMaps.Top(zeros(1, 2, 2, 2), 0));
        Tensor broken = zeros(1, 2, 2, 2);
        broken[0, 1, 0, 0] = float.NaN;
        Assert.Contains(
            "Channel 1 of picture 0",
            Assert.Throws<ArgumentException>(() => FeatureMaps.Top(broken)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Channel_weights_are_what_the_attention_computed()
    {
        using var model = Fixture.WithFormulaWeights(new SeCnn());
        IReadOnlyList<ChannelWeights> blocks = ChannelWeights.Of(model, Fixture.FormulaInput());

        Assert.Equal(["ca1", "ca2", "ca3"], blocks.Select(block => block.Block));
        foreach (ChannelWeights block in blocks)
        {
            Tensor expected = Fixture.Formula[$"se/{block.Block}.fc"];
            double tolerance = Tolerance.BetweenFloat32(Tolerance.ToConv3); // a sigmoid makes no error larger
            Fixture.AssertClose(expected, tensor([.. block.Values.Cast<float>()], expected.shape), tolerance, block.Block);
            Fixture.AssertClose(expected.mean([0]), tensor(block.Means()), tolerance, block.Block);
        }
    }

    [Fact]
    public void A_model_without_attention_has_no_channel_weights()
    {
        using var model = new Cnn();
        Assert.Contains(
            "SeCnn has",
            Assert.Throws<ArgumentException>(() => ChannelWeights.Of(model, zeros(1, 3, 32, 32))).Message,
            StringComparison.Ordinal
        );
    }

    private static void AssertHeatMaps(
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        IReadOnlyDictionary<string, Tensor> expected,
        string prefix
    )
    {
        using var extractor = new ActivationExtractor(model, "conv3");
        using LayerActivations activations = extractor.Run(input);
        double forward = Tolerance.BetweenFloat32(Tolerance.Forward),
            toConv3 = Tolerance.BetweenFloat32(Tolerance.ToConv3);
        Fixture.AssertClose(expected[$"{prefix}/logits"], activations.Output, forward, "logits");
        Tensor conv3 = expected[$"{prefix}/conv3"];
        Fixture.AssertClose(conv3, activations["conv3"], toConv3, "conv3");
        double largest = conv3.abs().max().ToDouble();
        for (int picture = 0; picture < input.shape[0]; picture++)
        {
            // Values of both signs cancel in a mean, their errors do not: these go by the layer's largest value.
            Tensor means = expected[$"{prefix}/channel_mean"][picture];
            Fixture.AssertClose(
                means,
                tensor(FeatureMaps.Means(activations["conv3"], picture)),
                toConv3 * largest / means.abs().max().ToDouble(),
                "channel_mean"
            );
            IReadOnlyList<ChannelMap> top = FeatureMaps.Top(activations["conv3"], 3, picture);
            Assert.Equal(expected[$"{prefix}/top3"][picture].data<long>(), top.Select(channel => (long)channel.Channel));
            for (int rank = 0; rank < 3; rank++)
            {
                Tensor heatMap = expected[$"{prefix}/heatmap"][picture, rank];

                // Scaled to [0, 1], an error grows as the layer's largest value exceeds the channel's range, twice for value and
                // minimum; a cubic spline through values in [−1, 1] stays within 1.55 a direction.
                Tensor channel = conv3[picture, top[rank].Channel];
                double range = (channel.max() - channel.min()).ToDouble(),
                    tolerance = 1.55 * 1.55 * 2 * toConv3 * largest / range;
                Tensor actual = tensor(top[rank].ToHeatMap(32, 32).Flat(), heatMap.shape);
                Fixture.AssertClose(heatMap, actual, tolerance, "heatmap");
            }
        }
    }
}

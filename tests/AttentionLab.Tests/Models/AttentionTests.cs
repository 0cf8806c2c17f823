using AttentionLab.Explain;
using AttentionLab.Models;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models;

[Trait("Kind", "Numeric")]
public sealed class AttentionTests : IDisposable
{
    /// <summary>A mean over 32×32 places; then a kernel of 2·7·7 or two linear layers of up to six inputs.</summary>
    private const int Additions = (32 * 32) + (2 * 7 * 7) + 12;

    private static readonly double Rounding = Tolerance.BetweenFloat32(Additions);

    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Kinds => ["se", "eca", "channel", "spatial", "cbam"];

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Squeeze_and_excitation_weighs_channels_as_worked_out_by_hand()
    {
        using var attention = new ChannelAttention(channels: 2, reduction: 2);
        Set(attention, "fc.0.weight", 1, -0.5f);
        Set(attention, "fc.2.weight", 2, -1);

        // Means 2 and 3; hidden unit max(0, 2 − 1.5) = 0.5; weights σ(1) and σ(−0.5).
        AssertWeighs(attention, tensor([1f, 3f, 2f, 4f], [1, 2, 1, 2]), Sigma(1), Sigma(1), Sigma(-0.5), Sigma(-0.5));
    }

    [Fact]
    public void Eca_weighs_a_channel_by_its_neighbours_as_worked_out_by_hand()
    {
        using var attention = new EfficientChannelAttention(channels: 3, kernelSize: 3);
        Set(attention, "conv.weight", 1, -2, 0.5f);

        // Means 2, 3, −1, with a zero at either end: −2·2 + 0.5·3, 1·2 − 2·3 + 0.5·(−1), 1·3 − 2·(−1).
        AssertWeighs(
            attention,
            tensor([1f, 3, 2, 4, -1, -1], [1, 3, 1, 2]),
            Sigma(-2.5),
            Sigma(-2.5),
            Sigma(-4.5),
            Sigma(-4.5),
            Sigma(5),
            Sigma(5)
        );
    }

    [Fact]
    public void Cbams_channel_attention_adds_what_means_and_maxima_give_as_worked_out_by_hand()
    {
        using var attention = new MeanMaxChannelAttention(channels: 2, reduction: 2);
        Set(attention, "mlp.0.weight", 1, -0.5f);
        Set(attention, "mlp.2.weight", 2, -1);

        // Means 2 and 3: hidden 0.5, so 1 and −0.5. Maxima 3 and 4: hidden 1, so 2 and −1. Weights σ(3) and σ(−1.5).
        AssertWeighs(attention, tensor([1f, 3f, 2f, 4f], [1, 2, 1, 2]), Sigma(3), Sigma(3), Sigma(-1.5), Sigma(-1.5));
    }

    [Fact]
    public void Cbams_spatial_attention_weighs_places_as_worked_out_by_hand()
    {
        using var attention = new SpatialAttention(kernelSize: 3);

        // Of the mean only the place itself, times 1; of the largest value only the place to the left, times −1.
        Set(attention, "conv.weight", 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0);

        // Two places: means 1.5 and 3.5, largest 2 and 4. σ(1.5) and σ(3.5 − 2), for both channels.
        AssertWeighs(attention, tensor([1f, 3f, 2f, 4f], [1, 2, 1, 2]), Sigma(1.5), Sigma(1.5), Sigma(1.5), Sigma(1.5));
    }

    [Fact]
    public void Cbam_attends_to_channels_and_then_to_places()
    {
        using var attention = new Cbam(channels: 2, reduction: 2, kernelSize: 1);
        Set(attention, "channel.mlp.0.weight", 1, -0.5f);
        Set(attention, "channel.mlp.2.weight", 2, -1);
        Set(attention, "spatial.conv.weight", 2, 0);
        double a = Sigma(3),
            b = Sigma(-1.5),
            left = Sigma(a + (2 * b)),
            right = Sigma((3 * a) + (4 * b)); // 2 · the mean of two channels
        AssertWeighs(attention, tensor([1f, 3f, 2f, 4f], [1, 2, 1, 2]), a * left, a * right, b * left, b * right);
    }

    [Theory]
    [InlineData(16, 3)]
    [InlineData(32, 3)]
    [InlineData(64, 3)]
    [InlineData(128, 5)]
    [InlineData(256, 5)]
    [InlineData(512, 5)]
    [InlineData(2048, 7)] // (11 + 1) / 2 = 6, and one more
    [InlineData(1, 1)]
    public void Ecas_kernel_grows_with_the_logarithm_of_the_channels(int channels, int expected)
    {
        Assert.Equal(expected, EfficientChannelAttention.KernelSize(channels));
        using var attention = new EfficientChannelAttention(channels);
        Assert.Equal(expected, attention.parameters().Sum(p => p.numel()));
    }

    [Theory]
    [InlineData(64, 16, 1, 4)]
    [InlineData(40, 16, 1, 2)] // rounded down
    [InlineData(16, 16, 1, 1)]
    [InlineData(16, 16, 8, 8)] // at least the divisor
    [InlineData(72, 4, 8, 24)] // 18: 16 is nearest, but takes away more than a tenth
    [InlineData(120, 4, 8, 32)] // 30
    [InlineData(672, 4, 8, 168)]
    public void The_hidden_width_is_rounded_as_asked_for(int channels, int reduction, int divisor, int expected)
    {
        Assert.Equal(expected, ChannelAttention.HiddenWidth(channels, reduction, divisor));
        using var attention = new ChannelAttention(channels, reduction, divisor);
        Assert.Equal(2 * channels * expected, attention.parameters().Sum(p => p.numel()));
    }

    [Fact]
    public void A_rounded_width_is_a_multiple_and_never_much_less_than_wanted() =>
        Gen.Select(Gen.Int[1, 4096], Gen.Int[1, 64], Gen.Int[2, 64])
            .Sample(
                (channels, reduction, divisor) =>
                {
                    int width = ChannelAttention.HiddenWidth(channels, reduction, divisor);
                    double wanted = (double)channels / reduction;
                    return width % divisor == 0 && width >= 0.9 * wanted && width < wanted + (2 * divisor);
                }
            );

    [Fact]
    public void What_cannot_be_built_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChannelAttention(channels: 8, reduction: 16));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChannelAttention(channels: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChannelAttention(channels: 8, reduction: 16, divisor: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MeanMaxChannelAttention(channels: 8, reduction: 16));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EfficientChannelAttention(channels: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EfficientChannelAttention(channels: 8, kernelSize: 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpatialAttention(kernelSize: 2));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_picture_is_weighed_on_its_own_nothing_leaks_and_the_input_stays(string kind)
    {
        using nn.Module<Tensor, Tensor> attention = Fixture.WithFormulaWeights(Create(kind, 6));
        Tensor input = Fixture.FormulaInput().reshape(2, 6, 32, 32),
            before = input.clone(),
            both = attention.call(input);
        Assert.Equal(input.shape, both.shape);
        Fixture.AssertClose(both[1..], attention.call(input[1..]), Rounding);
        Fixture.AssertClose(
            both,
            attention.call(input.contiguous().permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)),
            Rounding,
            "channels last"
        );
        Assert.True(before.Equals(input));
        Live.AssertNothingLeaks(() =>
        {
            using Tensor output = attention.call(input);
        });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradients_are_those_of_double_precision_in_either_memory_order(string kind)
    {
        // libtorch 2.10's float32 convolutions give wrong ones for few channels in the contiguous order, and for a single one in
        // any.
        foreach (bool channelsLast in new[] { false, true })
        {
            Tensor order = Fixture.FormulaInput().reshape(2, 6, 32, 32)[.., .., ..8, ..5].contiguous();
            order = channelsLast ? order.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : order;
            Tensor[] single = Gradients(ScalarType.Float32),
                twice = Gradients(ScalarType.Float64);
            Assert.All(
                single.Zip(twice),
                pair => Fixture.AssertClose(pair.Second, pair.First.to(ScalarType.Float64), Tolerance.Float32(4 * Additions))
            );

            Tensor[] Gradients(ScalarType type)
            {
                using nn.Module<Tensor, Tensor> attention = Fixture.WithFormulaWeights(Create(kind, 6)).to(type);
                Tensor input = order.to(type).detach().clone().requires_grad_();
                attention.call(input).pow(2).sum().backward();
                return [input.grad!, .. attention.parameters().Select(parameter => parameter.grad!.clone())];
            }
        }
    }

    [Theory]
    [InlineData("se", "fc")]
    [InlineData("eca", "sigmoid")]
    [InlineData("channel", "sigmoid")]
    public void A_hook_reads_what_each_channel_is_multiplied_by(string kind, string layer)
    {
        using nn.Module<Tensor, Tensor> attention = Fixture.WithFormulaWeights(Create(kind, 6));
        Assert.Equal(layer, ((IChannelAttention)attention).WeightsLayer);
        Tensor input = Fixture.FormulaInput().reshape(2, 6, 32, 32);
        using var extractor = new ActivationExtractor(attention, layer);
        using LayerActivations seen = extractor.Run(input);
        Assert.Equal([2, 6], seen[layer].shape);
        Fixture.AssertClose(input * seen[layer].reshape(2, 6, 1, 1), seen.Output, Rounding);
    }

    internal static nn.Module<Tensor, Tensor> Create(string kind, int channels) =>
        kind switch
        {
            "se" => new ChannelAttention(channels, reduction: 2),
            "eca" => new EfficientChannelAttention(channels),
            "channel" => new MeanMaxChannelAttention(channels, reduction: 2),
            "spatial" => new SpatialAttention(),
            "cbam" => new Cbam(channels, reduction: 2),
            _ => throw new ArgumentException(kind),
        };

    private static double Sigma(double x) => 1 / (1 + Math.Exp(-x));

    private static void Set(nn.Module module, string parameter, params float[] values)
    {
        using IDisposable noGradients = no_grad();
        Tensor target = module.state_dict()[parameter];
        target.copy_(tensor(values, target.shape));
    }

    private static void AssertWeighs(nn.Module<Tensor, Tensor> attention, Tensor input, params double[] factors) =>
        Fixture.AssertClose(
            input * tensor([.. factors.Select(factor => (float)factor)], input.shape),
            attention.call(input),
            Rounding
        );
}

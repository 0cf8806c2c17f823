using AttentionLab.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models.Fused;

[Trait("Kind", "Numeric")]
public class FusedNormalizationTests
{
    [Theory]
    [InlineData(1, 16, 2, 2)]
    [InlineData(3, 48, 6, 10)]
    [InlineData(64, 32, 8, 8)]
    [InlineData(2, 128, 32, 32)]
    [InlineData(5, 512, 4, 4)]
    public void Outputs_gradients_and_running_statistics_are_torchs(int pictures, int channels, int height, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        using Layers ours = new(channels, ScalarType.Float32),
            exact = new(channels, ScalarType.Float64);
        Tensor input = Sixteenths(pictures, channels, height, width);
        Tensor x = ours.Input(input),
            y = exact.Input(input);

        Assert.True(ours.Suit(x));
        (Tensor pooled, Tensor means) = FusedNormalization.TrainAndSqueeze(x, ours.Norm);
        Tensor rectified = exact.Rectified(y),
            exactPooled = exact.Pool.call(rectified),
            exactMeans = rectified.mean([2, 3]);
        Tensor ofPooled = randn_like(pooled),
            ofMeans = randn_like(means) * 4;
        autograd.backward([pooled, means], [ofPooled, ofMeans]);
        autograd.backward([exactPooled, exactMeans], [ofPooled.to(ScalarType.Float64), ofMeans.to(ScalarType.Float64)]);

        double tolerance = 4 * Tolerance.BetweenFloat32(2 * pictures * height * width);
        Close(exactPooled, pooled, "pooled");
        Close(exactMeans, means, "means");
        Close(exact.Norm.running_mean!, ours.Norm.running_mean!, "running mean");
        Close(exact.Norm.running_var!, ours.Norm.running_var!, "running variance");
        Assert.Equal(1, ours.Norm.num_batches_tracked!.ToInt64());
        Close(exact.Norm.weight.grad!, ours.Norm.weight.grad!, "gradient of the weight");
        Close(exact.Norm.bias!.grad!, ours.Norm.bias!.grad!, "gradient of the bias");
        Close(y.grad!, x.grad!, "gradient of the input");

        void Close(Tensor wanted, Tensor got, string what) =>
            Fixture.AssertClose(wanted.detach(), got.detach().to(ScalarType.Float64), tolerance, what);
    }

    [Fact]
    public void Where_only_the_means_or_only_the_pooled_values_are_used_the_others_gradient_is_none()
    {
        foreach (bool usesMeans in new[] { true, false })
        {
            using DisposeScope scope = NewDisposeScope();
            using Layers ours = new(16, ScalarType.Float32),
                exact = new(16, ScalarType.Float64);
            Tensor input = Sixteenths(2, 16, 4, 4);
            Tensor x = ours.Input(input),
                y = exact.Input(input);

            Tensor used;
            using (DisposeScope forward = NewDisposeScope()) // as a network's, which ends before the gradients are taken
            {
                (Tensor pooled, Tensor means) = FusedNormalization.TrainAndSqueeze(x, ours.Norm);
                used = (usesMeans ? means : pooled).pow(2).sum().MoveToOuterDisposeScope();
            }

            used.backward();
            Tensor rectified = exact.Rectified(y);
            (usesMeans ? rectified.mean([2, 3]) : exact.Pool.call(rectified)).pow(2).sum().backward();

            Fixture.AssertClose(y.grad!, x.grad!.to(ScalarType.Float64), 4 * Tolerance.BetweenFloat32(2 * 32), "input");
        }
    }

    [Fact]
    public void One_thread_and_three_compute_the_same_bits()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = Sixteenths(7, 32, 10, 6);
        List<Tensor> one = Computed(1),
            three = Computed(3);

        Assert.All(one.Zip(three), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));

        List<Tensor> Computed(int threads)
        {
            List<Tensor> results = [];
            Torch.WithThreads(
                threads,
                () =>
                {
                    using Layers layers = new(32, ScalarType.Float32);
                    Tensor x = layers.Input(input);
                    (Tensor pooled, Tensor means) = FusedNormalization.TrainAndSqueeze(x, layers.Norm);
                    (pooled.pow(2).sum() + means.pow(2).sum()).backward();
                    results.AddRange(pooled, means, x.grad!, layers.Norm.weight.grad!.clone(), layers.Norm.bias!.grad!.clone());
                }
            );
            return results;
        }
    }

    [Fact]
    public void A_hand_computed_window()
    {
        using DisposeScope scope = NewDisposeScope();
        using Layers layers = new(16, ScalarType.Float32);
        using (no_grad())
        {
            layers.Norm.weight.fill_(2);
            layers.Norm.bias!.fill_(1);
        }

        layers.Norm.eps = 0;
        Tensor x = layers.Input(tensor([1f, 1, -1, -1]).reshape(1, 1, 2, 2).expand(1, 16, 2, 2));

        Tensor output = FusedNormalization.Train(x, layers.Norm);
        output.backward([full_like(output, 8)]);

        // Mean 0, deviation 1: y = 2x + 1 = 3, 3, −1, −1. The first 3 is taken; with g = 8, 0, 0, 0 the gradient of x is
        // 2·(g − Σg/4 − x·Σ(g·x)/4) = 2·(g − 2 − 2x): 2·(8 − 4), 2·(0 − 4), 0, 0.
        Assert.Equal([3f], output[0, 0].data<float>().ToArray());
        Assert.Equal([8f, -8, 0, 0], x.grad![0, 5].contiguous().data<float>().ToArray());
        Assert.Equal(8, layers.Norm.weight.grad![3].item<float>());
        Assert.Equal(8, layers.Norm.bias!.grad![3].item<float>());
    }

    [Fact]
    public void Of_a_large_mean_with_a_small_spread_the_variance_keeps_its_digits()
    {
        using DisposeScope scope = NewDisposeScope();
        using Layers layers = new(16, ScalarType.Float32);

        // Exact in float32, whose numbers around 10,000 are 1/1024 apart: mean 10,000 and variance (1/64)².
        Tensor x = tensor([10_000 + (1 / 64f), 10_000 - (1 / 64f)]).repeat(512).reshape(1, 1, 32, 32).expand(1, 16, 32, 32);
        _ = FusedNormalization.Train(layers.Input(x), layers.Norm);

        double unbiased = 1024 / 1023.0 / 4096;
        Assert.Equal(0.9 + (0.1 * unbiased), layers.Norm.running_var![0].item<float>(), Tolerance.Rounding(2));
        Assert.Equal(1000, layers.Norm.running_mean![0].item<float>(), 1000 * Tolerance.Rounding(2));
    }

    [Fact]
    public void NaN_and_infinity_make_their_channel_NaN_and_no_other()
    {
        foreach (float value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            using DisposeScope scope = NewDisposeScope();
            using Layers layers = new(16, ScalarType.Float32);
            Tensor input = Sixteenths(2, 16, 4, 4);
            input[1, 3, 2, 2] = value;

            (Tensor output, Tensor means) = FusedNormalization.TrainAndSqueeze(layers.Input(input), layers.Norm);

            Assert.True(output[.., 3].isnan().all().item<bool>());
            Assert.Equal(2 * 4, output.isnan().sum().item<long>());
            Assert.True(means[.., 3].isnan().all().item<bool>());
            Assert.Equal(2, means.isnan().sum().item<long>());
        }
    }

    [Fact]
    public void The_gradients_gradient_is_torchs()
    {
        foreach (bool usesMeans in new[] { true, false })
        {
            using DisposeScope scope = NewDisposeScope();
            using Layers ours = new(16, ScalarType.Float32),
                exact = new(16, ScalarType.Float64);
            Tensor input = Sixteenths(2, 16, 4, 4);
            Tensor x = ours.Input(input),
                y = exact.Input(input);

            (Tensor pooled, Tensor means) = FusedNormalization.TrainAndSqueeze(x, ours.Norm);
            Penalty(usesMeans ? means * pooled.mean([2, 3]) : pooled, x, ours.Norm);
            Tensor rectified = exact.Rectified(y),
                exactPooled = exact.Pool.call(rectified);
            Penalty(usesMeans ? rectified.mean([2, 3]) * exactPooled.mean([2, 3]) : exactPooled, y, exact.Norm);

            double tolerance = 16 * Tolerance.BetweenFloat32(2 * 32);
            Fixture.AssertClose(y.grad!, x.grad!.to(ScalarType.Float64), tolerance, "input");
            Fixture.AssertClose(exact.Norm.weight.grad!, ours.Norm.weight.grad!.to(ScalarType.Float64), tolerance, "weight");
        }

        static void Penalty(Tensor output, Tensor input, BatchNorm2d norm) =>
            autograd
                .grad([output.pow(3).sum()], [input, norm.weight], retain_graph: true, create_graph: true)
                .Select(gradient => gradient.pow(2).sum())
                .Aggregate((a, b) => a + b)
                .backward();
    }

    [Fact]
    public void Layers_suit_unless_someone_needs_what_torch_does()
    {
        using DisposeScope scope = NewDisposeScope();
        using Layers layers = new(16, ScalarType.Float32);
        Tensor input = layers.Input(Sixteenths(2, 16, 4, 4));
        Assert.True(layers.Suit(input));

        Assert.False(layers.Suit(Sixteenths(2, 16, 4, 4))); // channels first
        Assert.False(layers.Suit(input.to(ScalarType.BFloat16)));
        Assert.False(layers.Suit(layers.Input(Sixteenths(2, 16, 5, 4)))); // a row that no window reaches
        Assert.False(layers.Suit(layers.Input(Sixteenths(2, 32, 4, 4)))); // torch refuses it
        foreach (nn.Module<Tensor, Tensor> layer in new nn.Module<Tensor, Tensor>[] { layers.Norm, layers.Relu, layers.Pool })
        {
            var hook = layer.register_forward_hook((_, _, output) => output);
            Assert.False(layers.Suit(input));
            hook.remove();
            Assert.True(layers.Suit(input));
        }

        layers.Pool.kernel_size = [3, 3];
        Assert.False(layers.Suit(input));
        layers.Pool.kernel_size = [2, 2];
        using (no_grad())
        {
            Assert.False(layers.Suit(input));
        }

        layers.Norm.eval();
        Assert.False(layers.Suit(input));
    }

    // Multiples of a sixteenth with many equals in a window, so that no rounding decides which is the highest.
    private static Tensor Sixteenths(int pictures, int channels, int height, int width) =>
        (
            randint(-64, 100, [pictures, channels, height, width], generator: new Generator(7)).to(ScalarType.Float32) / 16
        ).contiguous();

    private sealed class Layers : IDisposable
    {
        public readonly BatchNorm2d Norm;
        public readonly ReLU Relu = nn.ReLU();
        public readonly MaxPool2d Pool = nn.MaxPool2d(2);

        public Layers(int channels, ScalarType type)
        {
            Norm = nn.BatchNorm2d(channels, dtype: type);
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradients = no_grad();
            using var generator = new Generator(3);
            Norm.weight.copy_(randn([channels], generator: generator)); // some negative: the lowest x is their highest y
            Norm.weight[0] = 0;
            Norm.bias!.copy_(randn([channels], generator: generator));
        }

        public Tensor Input(Tensor values) =>
            values.to(Norm.weight.dtype).permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).requires_grad_();

        public bool Suit(Tensor input) => FusedNormalization.SuitsTraining(input, Norm, Relu, Pool);

        public Tensor Rectified(Tensor input) => Relu.call(Norm.call(input));

        public void Dispose()
        {
            Norm.Dispose();
            Relu.Dispose();
            Pool.Dispose();
        }
    }
}

using System.Runtime.InteropServices;
using AttentionLab.Core;
using AttentionLab.Models;
using AttentionLab.Tests.Models.Onnx;
using CsCheck;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models.Fused;

[Trait("Kind", "Numeric")]
public class WinogradConvolutionTests
{
    // Pictures, 16ths of the channels and of the filters, height, width, padding and a seed.
    private static readonly Gen<(int, int, int, int, int, int, int)> Shapes = Gen.Select(
            Gen.Int[1, 3],
            Gen.Int[1, 4],
            Gen.Int[1, 4],
            Gen.Int[1, 11],
            Gen.Int[1, 11],
            Gen.Int[0, 2],
            Gen.Int[0, 1 << 20]
        )
        .Where((_, _, _, height, width, padding, _) => Math.Min(height, width) + (2 * padding) >= 3);

    // Whole numbers up to 4, so that all that is computed is a multiple of a quarter below 2²⁴: no rounding on either side.
    [Fact]
    public void Whole_numbers_come_out_to_the_digit() =>
        Shapes.Sample(
            (pictures, channels, filters, height, width, padding, seed) =>
            {
                using DisposeScope scope = NewDisposeScope();
                using IDisposable noGradients = no_grad();
                using Conv2d layer = Layer(16 * channels, 16 * filters, padding, hasBias: seed % 2 == 0, seed);
                Tensor input = randint(-4, 5, [pictures, 16 * channels, height, width]).to(ScalarType.Float32);

                Tensor actual = WinogradConvolution.Of(layer, input);

                Assert.True(actual.equal(layer.call(input)).all().item<bool>());
            },
            iter: 60,
            threads: 1
        );

    // Sums of fewer than 2¹² products below 2⁸ in quarters.
    [Fact]
    public void Gradients_of_whole_numbers_come_out_to_the_digit() =>
        Shapes.Sample(
            (pictures, channels, filters, height, width, padding, seed) =>
            {
                using DisposeScope scope = NewDisposeScope();
                using Conv2d layer = Layer(16 * channels, 16 * filters, padding, hasBias: seed % 2 == 0, seed);
                Tensor input = randint(-4, 5, [pictures, 16 * channels, height, width]).to(ScalarType.Float32).requires_grad_();
                Tensor[] variables = [input, .. layer.parameters()];
                Tensor expected = layer.call(input),
                    actual = WinogradConvolution.Train(layer, input),
                    gradient = randint(-4, 5, expected.shape).to(ScalarType.Float32);

                IList<Tensor> wanted = autograd.grad([expected], variables, [gradient]),
                    got = autograd.grad([actual], variables, [gradient]);

                Assert.True(actual.equal(expected).all().item<bool>());
                for (int i = 0; i < variables.Length; i++)
                {
                    Assert.True(got[i].equal(wanted[i]).all().item<bool>());
                }
            },
            iter: 60,
            threads: 1
        );

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void On_several_threads_as_well(int threads) =>
        Torch.WithThreads(
            threads,
            () =>
            {
                using DisposeScope scope = NewDisposeScope();
                using Conv2d layer = Layer(64, 32, padding: 1, hasBias: true, seed: 9);
                Tensor input = randint(-4, 5, [5, 64, 30, 31]).to(ScalarType.Float32).requires_grad_();
                Tensor[] variables = [input, .. layer.parameters()];
                Tensor expected = layer.call(input),
                    actual = WinogradConvolution.Train(layer, input),
                    gradient = randint(-1, 2, expected.shape).to(ScalarType.Float32);

                IList<Tensor> wanted = autograd.grad([expected], variables, [gradient]),
                    got = autograd.grad([actual], variables, [gradient]);

                Assert.True(actual.equal(expected).all().item<bool>());
                Assert.All(wanted.Zip(got), pair => Assert.True(pair.Second.equal(pair.First).all().item<bool>()));
            }
        );

    [Fact]
    public void A_layer_without_work_for_all_threads_is_left_to_torch()
    {
        SkipUnlessItIsUsed();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        using Conv2d layer = Layer(256, 256, padding: 1, hasBias: true, seed: 9);
        Tensor few = randn(1, 256, 16, 16),
            many = randn(16, 256, 16, 16);

        Assert.True(WinogradConvolution.Suits(layer, few));
        Torch.WithThreads(4, () => Assert.False(WinogradConvolution.Suits(layer, few)));
        Torch.WithThreads(4, () => Assert.Equal(TorchThreads.AreAll, WinogradConvolution.Suits(layer, many)));
    }

    [Fact]
    public void The_gradients_gradient_is_torchs()
    {
        using DisposeScope scope = NewDisposeScope();
        using Conv2d layer = Layer(16, 16, padding: 1, hasBias: true, seed: 3);
        Tensor input = randint(-4, 5, [2, 16, 5, 6]).to(ScalarType.Float32).requires_grad_();

        Tensor[] wanted = Penalty(layer.call(input)),
            got = Penalty(WinogradConvolution.Train(layer, input));

        Fixture.AssertClose(wanted[0], got[0], Tolerance.BetweenFloat32(4 * 9 * 16), "input");
        Fixture.AssertClose(wanted[1], got[1], Tolerance.BetweenFloat32(4 * 60), "weight");

        Tensor[] Penalty(Tensor output) =>
            [
                .. autograd.grad(
                    [autograd.grad([(output * output).sum()], [input], retain_graph: true, create_graph: true)[0].pow(2).sum()],
                    [input, layer.weight!]
                ),
            ];
    }

    [Fact]
    public void Weights_may_move_before_the_gradients_are_taken()
    {
        using DisposeScope scope = NewDisposeScope();
        using Conv2d layer = Layer(16, 16, padding: 1, hasBias: true, seed: 3);
        Tensor input = randint(-4, 5, [2, 16, 5, 6]).to(ScalarType.Float32).requires_grad_();
        Tensor wanted = autograd.grad([layer.call(input).sum()], [input])[0];

        Tensor sum = WinogradConvolution.Train(layer, input).sum();
        using (no_grad())
        {
            layer.weight!.zero_();
        }

        Assert.True(autograd.grad([sum], [input])[0].equal(wanted).all().item<bool>());
    }

    [Fact]
    public void Its_pictures_have_channels_last_in_memory_as_those_of_torch()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        using Conv2d layer = Layer(16, 32, padding: 1, hasBias: true, seed: 1);

        Assert.Equal([32 * 5 * 7, 1, 32 * 7, 32], WinogradConvolution.Of(layer, randn(2, 16, 5, 7)).stride());
    }

    [Fact]
    public void Random_numbers_differ_from_torchs_by_rounding()
    {
        SkipUnlessItIsUsed();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        using Conv2d layer = Layer(64, 64, padding: 1, hasBias: true, seed: 2);
        layer.weight!.normal_();
        Tensor input = randn(4, 64, 16, 17);

        Assert.True(WinogradConvolution.Suits(layer, input));

        // A sum over the filter's places and the channels; six additions before and after; values of a tile may be four times as
        // large as its outputs.
        Fixture.AssertClose(
            layer.call(input),
            WinogradConvolution.Of(layer, input),
            4 * Tolerance.BetweenFloat32((9 * 64) + 6),
            "random"
        );
    }

    [Fact]
    public void NaN_reaches_the_outputs_around_it()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        using Conv2d layer = Layer(16, 16, padding: 1, hasBias: false, seed: 3);
        Tensor input = ones(1, 16, 8, 8);
        input[0, 3, 4, 4] = float.NaN;

        Tensor isNaN = WinogradConvolution.Of(layer, input).isnan();

        Assert.True(isNaN[.., .., 3..6, 3..6].all().item<bool>());
        Assert.False(isNaN[.., .., ..2, ..2].any().item<bool>());
    }

    [Fact]
    public void A_layer_suits_unless_someone_needs_what_torch_does()
    {
        SkipUnlessItIsUsed();
        using DisposeScope scope = NewDisposeScope();
        using Conv2d layer = Layer(64, 64, padding: 1, hasBias: true, seed: 4);
        Tensor input = randn(4, 64, 16, 16);

        Assert.False(WinogradConvolution.Suits(layer, input)); // its weights want gradients
        using (no_grad())
        {
            Assert.True(WinogradConvolution.Suits(layer, input));
            Assert.False(WinogradConvolution.Suits(layer, input.to(ScalarType.BFloat16)));
            Assert.False(WinogradConvolution.Suits(layer, randn(1, 64, 2, 2))); // more work than torch's
            Assert.False(WinogradConvolution.Suits(layer, randn(1, 16, 16, 16)));

            var after = layer.register_forward_hook((_, _, output) => output);
            Assert.False(WinogradConvolution.Suits(layer, input));
            after.remove();
            var before = layer.register_forward_pre_hook((_, each) => each);
            Assert.False(WinogradConvolution.Suits(layer, input));
            before.remove();
            Assert.True(WinogradConvolution.Suits(layer, input));

            using Conv2d strided = nn.Conv2d(64, 64, kernel_size: 3, stride: 2, padding: 1);
            Assert.False(WinogradConvolution.Suits(strided, input));
            using Conv2d odd = nn.Conv2d(64, 65, kernel_size: 3, padding: 1);
            Assert.False(WinogradConvolution.Suits(odd, input));
        }

        foreach (Parameter weight in layer.parameters())
        {
            weight.requires_grad = false;
        }

        Assert.True(WinogradConvolution.Suits(layer, input));
        Assert.False(WinogradConvolution.Suits(layer, input.requires_grad_()));
    }

    [Fact]
    public void Weights_that_a_user_put_in_and_that_have_another_shape_are_left_to_torch()
    {
        SkipUnlessItIsUsed();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Tensor input = randn(4, 64, 16, 16);

        using Conv2d smaller = Layer(64, 64, padding: 1, hasBias: true, seed: 5);
        smaller.weight = new Parameter(randn(64, 64, 1, 1));
        Assert.False(WinogradConvolution.Suits(smaller, input));
        using Conv2d shortOf = Layer(64, 64, padding: 1, hasBias: true, seed: 6);
        shortOf.bias = new Parameter(randn(16));
        Assert.False(WinogradConvolution.Suits(shortOf, input));
        using Conv2d strided = Layer(64, 64, padding: 1, hasBias: true, seed: 7);
        strided.weight = new Parameter(randint(-4, 5, [64, 64, 6, 6]).to(ScalarType.Float32)[.., .., ..3, ..3]);
        Assert.True(WinogradConvolution.Suits(strided, input));
        input = randint(-4, 5, input.shape).to(ScalarType.Float32);
        Assert.True(WinogradConvolution.Of(strided, input).equal(strided.call(input)).all().item<bool>());
    }

    [Fact]
    public void Pictures_smaller_than_the_window_are_left_to_torch_which_refuses_them()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        using Conv2d layer = Layer(64, 64, padding: 0, hasBias: true, seed: 8);

        Assert.False(WinogradConvolution.Suits(layer, randn(100, 64, 1, 1)));
        Assert.False(WinogradConvolution.Suits(layer, randn(100, 64, 0, 0)));
    }

    [Fact]
    public void A_network_gives_the_same_with_gradients_with_hooks_and_without()
    {
        SkipUnlessItIsUsed();
        using DisposeScope scope = NewDisposeScope();
        using OnnxNetwork network = NetworkOfOneLayer();
        Tensor input = randn([4, 64, 16, 16], generator: new Generator(6));
        Conv2d layer = ModulePaths.Of(network).Select(part => part.Module).OfType<Conv2d>().Single();

        Tensor withGradients = network.call(input);
        using IDisposable noGradients = no_grad();
        Tensor plain = network.call(input);
        int calls = 0;
        layer.register_forward_hook(
            (_, _, output) =>
            {
                calls++;
                return output * 2;
            }
        );
        Tensor hooked = network.call(input);

        Assert.Equal(1, calls);
        Assert.True((hooked.equal(withGradients.detach() * 2)).all().item<bool>());
        Fixture.AssertClose(withGradients.detach(), plain, 4 * Tolerance.BetweenFloat32((9 * 64) + 6), "plain");
        Assert.False(plain.equal(withGradients.detach()).all().item<bool>()); // or it was torch's convolution both times
    }

    [Fact]
    public void A_network_learns_the_same_with_hooks_and_without()
    {
        SkipUnlessItIsUsed();
        using DisposeScope scope = NewDisposeScope();
        using OnnxNetwork network = NetworkOfOneLayer();
        network.train();
        Tensor input = randn([4, 64, 16, 16], generator: new Generator(6)),
            gradient = randn([4, 64, 16, 16], generator: new Generator(7));
        Conv2d layer = ModulePaths.Of(network).Select(part => part.Module).OfType<Conv2d>().Single();
        layer.weight!.requires_grad = true;

        Tensor plain = GradientOfWeight();
        layer.register_forward_hook((_, _, output) => output);
        Tensor hooked = GradientOfWeight();

        Fixture.AssertClose(hooked, plain, 4 * Tolerance.BetweenFloat32((4 * 16 * 16) + 6), "weight");
        Assert.False(plain.equal(hooked).all().item<bool>()); // or it was torch's convolution both times

        Tensor GradientOfWeight()
        {
            layer.weight.grad = null;
            network.call(input).backward([gradient]);
            return layer.weight.grad!.clone();
        }
    }

    private static OnnxNetwork NetworkOfOneLayer() =>
        OnnxNetwork.Read(
            new OnnxWriter(13)
                .Input("x", 4, 64, 16, 16)
                .Output("y", 4, 64, 16, 16)
                .Floats("w", [64, 64, 3, 3], randn([64, 64, 3, 3], generator: new Generator(5)).data<float>().ToArray())
                .Node("Conv", "/conv", ["x", "w"], ["y"], attributes: [("pads", new long[] { 1, 1, 1, 1 })])
                .ToArray(),
            null
        );

    private static void SkipUnlessItIsUsed() =>
        Assert.SkipUnless(
            RuntimeInformation.ProcessArchitecture == Architecture.X64,
            "On this processor torch computes all convolutions."
        );

    private static Conv2d Layer(int channels, int filters, int padding, bool hasBias, int seed)
    {
        random.manual_seed(seed);
        Conv2d layer = nn.Conv2d(channels, filters, kernel_size: 3, padding: padding, bias: hasBias);
        using IDisposable noGradients = no_grad();
        foreach (Parameter weight in layer.parameters())
        {
            weight.copy_(randint(-4, 5, weight.shape));
        }

        return layer;
    }
}

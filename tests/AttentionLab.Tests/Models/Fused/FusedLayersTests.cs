using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models.Fused;

[Trait("Kind", "Numeric")]
public class FusedLayersTests
{
    public static TheoryData<string> Networks => ["plain", "se"];

    // A hook makes the layers run one by one.
    [Theory]
    [MemberData(nameof(Networks))]
    public void A_training_pass_is_that_of_the_single_layers(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using nn.Module<Tensor, Tensor> together = Create(name),
            apart = Create(name);
        int calls = 0;
        using var hooks = new ForwardHooks(
            apart,
            (_, _, output) =>
            {
                calls++;
                return output;
            }
        );
        Tensor pictures = randn([16, 32, 32, 3], generator: new Generator(5)).permute(0, 3, 1, 2),
            labels = arange(16) % 10;

        Tensor actual = Pass(together, pictures, labels),
            expected = Pass(apart, pictures, labels);

        Assert.True(calls > 10);
        double tolerance = 8 * Tolerance.BetweenFloat32(Tolerance.ForwardAndBackward);
        Fixture.AssertClose(expected, actual, tolerance, "logits");
        Assert.False(expected.equal(actual).all().item<bool>()); // or the layers ran one by one both times
        foreach ((string path, Tensor weight) in together.named_parameters())
        {
            Tensor other = apart.named_parameters().Single(each => each.name == path).parameter;
            if (weight.requires_grad && !IsZeroButForRounding(path))
            {
                // A value within rounding of 0 or of its neighbour may pass a ReLU or a pooling on one side only, so that single
                // terms of a gradient's sums differ; the parts are compared without that in tests of their own.
                double difference = (other.grad! - weight.grad!).norm().item<float>() / other.grad!.norm().item<float>();
                Assert.True(difference < 0.01, $"{path}: {difference:g3} of the gradient's norm");
            }
        }

        foreach ((string path, Tensor buffer) in together.named_buffers())
        {
            Fixture.AssertClose(apart.named_buffers().Single(each => each.name == path).buffer, buffer, tolerance, path);
        }
    }

    [Fact]
    public void Attention_may_be_replaced_by_constants()
    {
        using DisposeScope scope = NewDisposeScope();
        using var network = new SeCnn(seed: 2);
        network.train();
        foreach (ChannelAttention attention in new[] { network.ca1, network.ca2, network.ca3 })
        {
            attention.fc.register_forward_hook((_, _, weights) => full_like(weights, 0.5f));
        }

        Pass(network, randn([4, 32, 32, 3], generator: new Generator(5)).permute(0, 3, 1, 2), arange(4));

        Assert.Null(network.ca2.fc.parameters().First().grad);
        Assert.True(network.conv1.weight!.grad!.norm().item<float>() > 0);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_network_none_of_whose_weights_learns_has_no_gradients(string name)
    {
        using nn.Module<Tensor, Tensor> network = Create(name);
        foreach (TorchSharp.Modules.Parameter weight in network.parameters())
        {
            weight.requires_grad = false;
        }

        long before = Live.Tensors;
        using (DisposeScope scope = NewDisposeScope())
        {
            Tensor pictures = randn([4, 32, 32, 3], generator: new Generator(5)).permute(0, 3, 1, 2);
            Assert.False(network.call(pictures).requires_grad);
        }

        Assert.Equal(before, Live.Tensors);
    }

    private static Tensor Pass(nn.Module<Tensor, Tensor> network, Tensor pictures, Tensor labels)
    {
        random.manual_seed(1); // dropout
        Tensor logits = network.call(pictures);
        nn.functional.cross_entropy(logits, labels).backward();
        return logits.detach();
    }

    // Normalisation takes a convolution's bias away.
    private static bool IsZeroButForRounding(string path) =>
        path.Contains("conv", StringComparison.Ordinal) && path.EndsWith("bias", StringComparison.Ordinal);

    private static nn.Module<Tensor, Tensor> Create(string name)
    {
        nn.Module<Tensor, Tensor> network = name == "se" ? new SeCnn(seed: 2) : new Cnn(seed: 2);
        network.train();
        return network;
    }
}

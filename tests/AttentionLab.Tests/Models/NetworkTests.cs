using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models;

public sealed class NetworkTests
{
    public static TheoryData<string> Both => ["plain", "se"];

    internal static nn.Module<Tensor, Tensor> Create(string name, long? seed = null) => name == "plain" ? new Cnn(seed: seed) : new SeCnn(seed: seed);

    [Theory]
    [MemberData(nameof(Both))]
    public void Logits_are_PyTorchs(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using nn.Module<Tensor, Tensor> model = Fixture.WithFormulaWeights(Create(name));
        model.eval();
        using (no_grad())
        {
            Tensor logits = model.call(Fixture.FormulaInput());
            Fixture.AssertClose(Fixture.Formula[$"{name}/logits"], logits, 1e-5, "logits");
            Assert.Equal(Fixture.Formula[$"{name}/pred"].data<long>().ToArray(), logits.argmax(1).data<long>().ToArray());
        }
    }

    [Theory]
    [InlineData("plain", 1_147_914)]
    [InlineData("se", 1_150_602)]
    public void Parameters_are_as_many_as_the_tutorials(string name, long expected)
    {
        using nn.Module<Tensor, Tensor> model = Create(name);
        Assert.Equal(expected, model.parameters().Sum(p => p.numel()));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void A_seed_gives_the_weights_PyTorch_draws_from_it(string name)
    {
        string path = Fixture.Shared($"parity/{name}_seed0.safetensors");
        using DisposeScope scope = NewDisposeScope();
        using nn.Module<Tensor, Tensor> model = Create(name, seed: 0);
        Dictionary<string, Tensor> expected = Safetensors.Load(path), actual = model.state_dict();

        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach ((string parameter, Tensor tensor) in expected)
        {
            Assert.True(tensor.Equals(actual[parameter]), parameter);
            tensor.Dispose();
        }
    }

    [Fact]
    public void Other_sides_and_classes_give_the_shapes_asked_for()
    {
        using DisposeScope scope = NewDisposeScope();
        using var model = new SeCnn(classes: 3, imageSize: 64);
        Assert.Equal([2, 3], model.call(zeros(2, 3, 64, 64)).shape);
    }

    [Theory]
    [InlineData(0, 32)]
    [InlineData(10, 0)]
    [InlineData(10, 36)]
    public void Impossible_networks_are_refused(int classes, int imageSize) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Cnn(classes, imageSize));

    [Fact]
    public void Attention_without_a_hidden_unit_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChannelAttention(channels: 8, reduction: 16));

    [Fact]
    public void Attention_weighs_channels_as_worked_out_by_hand()
    {
        using DisposeScope scope = NewDisposeScope();
        using var attention = new ChannelAttention(channels: 2, reduction: 2);
        using (no_grad())
        {
            Dictionary<string, Tensor> weights = attention.state_dict();
            weights["fc.0.weight"].copy_(tensor([1f, -0.5f], [1, 2]));
            weights["fc.2.weight"].copy_(tensor([2f, -1f], [2, 1]));
            Tensor input = tensor([1f, 3f, 2f, 4f], [1, 2, 1, 2]);

            // Means 2 and 3; hidden unit max(0, 2 − 1.5) = 0.5; weights σ(1) and σ(−0.5).
            double first = 1 / (1 + Math.Exp(-1)), second = 1 / (1 + Math.Exp(0.5));
            float[] expected = [(float)first, (float)(3 * first), (float)(2 * second), (float)(4 * second)];
            Assert.Equal(expected, attention.call(input).data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
        }
    }
}

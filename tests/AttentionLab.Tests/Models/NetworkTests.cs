using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models;

[Trait("Kind", "Numeric")]
public sealed class NetworkTests
{
    public static TheoryData<string> Both => ["plain", "se"];

    internal static nn.Module<Tensor, Tensor> Create(string name, long? seed = null) =>
        name == "plain" ? new Cnn(seed: seed) : new SeCnn(seed: seed);

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
            Fixture.AssertClose(Fixture.Formula[$"{name}/logits"], logits, Tolerance.BetweenFloat32(Tolerance.Forward), "logits");
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
        Dictionary<string, Tensor> expected = Safetensors.Load(path),
            actual = model.state_dict();

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

    [Theory]
    [InlineData(1, 3, 64, 64)]
    [InlineData(1, 3, 32, 40)]
    [InlineData(1, 1, 32, 32)]
    public void Pictures_of_another_size_get_an_error_that_says_what_to_do(long count, long channels, long height, long width)
    {
        long[] shape = [count, channels, height, width];
        using DisposeScope scope = NewDisposeScope();
        foreach (nn.Module<Tensor, Tensor> model in new nn.Module<Tensor, Tensor>[] { new Cnn(), new SeCnn() })
        {
            string message = Assert.Throws<ArgumentException>(() => model.call(zeros(shape))).Message;
            Assert.StartsWith(
                $"This {model.GetType().Name} takes pictures of N×3×32×32; these are {string.Join('×', shape)}. Scale them to "
                    + "32×32",
                message,
                StringComparison.Ordinal
            );
            Assert.Contains("SeResNet, which takes any sides", message, StringComparison.Ordinal);
        }
    }
}

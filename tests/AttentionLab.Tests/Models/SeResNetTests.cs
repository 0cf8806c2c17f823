using System.Text.Json;
using AttentionLab.Data;
using AttentionLab.Models;
using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models;

/// <summary>SeResNet and the attention modules against PyTorch, and what the network promises.</summary>
[Trait("Kind", "Numeric")]
public sealed class SeResNetTests : IDisposable
{
    private static readonly JsonElement Expected = JsonDocument
        .Parse(File.ReadAllText(Fixture.Path("attention1.json")))
        .RootElement;

    /// <summary>Forward through 20 layers, three stages of six convolutions with 9·16 to 9·64 inputs, and as many back.</summary>
    private const int Additions = 2 * (6 * 9 * (16 + 32 + 64));

    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Modules => AttentionTests.Kinds;

    public static TheoryData<string> Networks =>
        [.. Expected.GetProperty("networks").EnumerateObject().Select(network => network.Name)];

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Modules))]
    public void A_modules_output_and_gradients_are_PyTorchs(string kind)
    {
        JsonElement expected = Expected.GetProperty("modules").GetProperty(kind);
        using nn.Module<Tensor, Tensor> module = Fixture.WithFormulaWeights(AttentionTests.Create(kind, 6));
        Tensor input = Stream(7006, u => (4 * u) - 2, 2, 6, 3, 5).requires_grad_();
        Tensor output = module.call(input);
        (output * Stream(8000, u => (2 * u) - 1, 2, 6, 3, 5)).sum().backward();

        AssertClose(expected.GetProperty("output"), output[1]);
        AssertClose(expected.GetProperty("input_gradient"), input.grad![1]);
        JsonElement gradients = expected.GetProperty("gradients");
        Assert.Equal(gradients.EnumerateObject().Select(g => g.Name), module.named_parameters().Select(p => p.name));
        Assert.All(module.named_parameters(), p => AssertClose(gradients.GetProperty(p.name), p.parameter.grad!));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_networks_logits_and_gradients_are_PyTorchs(string name)
    {
        JsonElement expected = Expected.GetProperty("networks").GetProperty(name);
        Tensor input = Fixture.FormulaInput()[..2];
        input = name.EndsWith("20×13", StringComparison.Ordinal) ? input[.., .., ..20, ..13] : input;
        using SeResNet model = Fixture.WithFormulaWeights(Create(name.Split(' ')[0]));
        model.eval();
        Tensor? last = null;
        model.layer3.register_forward_hook((_, _, output) => last = output.alias().DetachFromDisposeScope());
        Tensor logits = model.call(input);
        last!.retain_grad();
        logits.amax(1).sum().backward();

        Assert.Equal([.. expected.GetProperty("shape").EnumerateArray().Select(side => side.GetInt64())], last.shape);
        AssertClose(expected.GetProperty("logits"), logits);
        AssertClose(expected.GetProperty("layer3"), last.mean([1]));
        AssertClose(expected.GetProperty("layer3_gradient"), last.grad!.sum([2, 3]));
        AssertClose(expected.GetProperty("conv1_gradient_sums"), model.conv1.weight!.grad!.sum([1, 2, 3]));
        last.Dispose();
    }

    [Theory]
    [InlineData("se20")]
    [InlineData("cbam8")]
    public void A_seed_gives_the_weights_PyTorch_draws_from_it(string name)
    {
        using SeResNet model = Create(name, seed: 0);
        JsonElement expected = Expected.GetProperty("seeds").GetProperty(name);
        Assert.Equal(
            expected
                .EnumerateObject()
                .Select(p => (p.Name, Value: string.Join(' ', p.Value.EnumerateArray().Select(v => v.GetSingle())))),
            model
                .named_parameters()
                .Where(p => !p.name.Contains("bn", StringComparison.Ordinal))
                .Select(p => (p.name, string.Join(' ', p.parameter.detach().flatten().data<float>().ToArray().Take(2))))
        );
    }

    [Theory]
    [InlineData("none20", 269_722)] // the ResNet-20 of He et al., "0.27 M"
    [InlineData("se20", 271_738)] // and 2·(1·16 + 2·32 + 4·64) for each of three blocks
    [InlineData("eca20", 269_749)] // and 3 for each block
    [InlineData("cbam20", 272_620)] // and SE's, and 2·49 for each block
    [InlineData("none110", 1_727_962)] // "1.7 M"
    public void Parameters_are_as_many_as_the_papers(string name, long expected)
    {
        using SeResNet model = Create(name, classes: 10);
        Assert.Equal(expected, model.parameters().Sum(p => p.numel()));
    }

    [Fact]
    public void A_network_for_grey_pictures_has_16_filters_of_9_weights_in_place_of_27_and_is_the_same_behind()
    {
        using var model = new SeResNet(seed: 0, channels: 1);
        Assert.Equal(271_738 - (16 * 18), model.parameters().Sum(p => p.numel()));
        Assert.Equal([2, 10], model.call(zeros(2, 1, 20, 13)).shape);

        // Of a colour picture whose planes are equal the first layer sees the sum of its weights over the channels.
        using var colour = new SeResNet(seed: 1);
        Dictionary<string, Tensor> weights = model.state_dict();
        using (no_grad())
        {
            foreach ((string name, Tensor weight) in colour.state_dict())
            {
                weights[name].copy_(name == "conv1.weight" ? weight.sum(1, keepdim: true) : weight);
            }
        }

        model.eval();
        colour.eval();
        Tensor grey = Fixture.FormulaInput()[..2, ..1];
        Fixture.AssertClose(colour.call(grey.expand(2, 3, 32, 32)), model.call(grey), Tolerance.BetweenFloat32(Additions / 2));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 30)]
    [InlineData(64, 48)]
    public void Any_sides_will_do_and_nothing_leaks(int height, int width)
    {
        using SeResNet model = Create("cbam8");
        Tensor input = ones(2, 3, height, width);
        model.eval();
        Assert.Equal([2, 5], model.call(input).shape);
        Live.AssertNothingLeaks(() =>
        {
            using Tensor logits = model.call(input);
        });
    }

    [Fact]
    public void Impossible_networks_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeResNet(classes: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeResNet(channels: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FastResNet(channels: 0));
        Assert.Contains(
            "8, 14, 20",
            Assert.Throws<ArgumentOutOfRangeException>(() => new SeResNet(depth: 18)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeResNet(depth: 2));
        Assert.Contains(
            "Identity()",
            Assert.Throws<ArgumentException>(() => new SeResNet(attention: _ => null!)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    [Trait("Takes", "long")]
    public void The_network_learns_and_its_weights_travel()
    {
        DataSet shapes = ShapeSet.Create(train: 256, test: 64);
        using var model = new SeResNet(depth: 8, seed: 0);
        TrainingHistory history = new Trainer(
            new()
            {
                Epochs = 8,
                BatchSize = 32,
                LearningRate = 0.01,
                Augmentation = null,
                Device = CPU,
            }
        ).Fit(model, shapes);
        Assert.True(
            history.Last.TrainLoss < 0.9 * history.Epochs[0].TrainLoss,
            $"The loss went from {history.Epochs[0].TrainLoss} to {history.Last.TrainLoss}."
        );

        string path = Path.Combine(Path.GetTempPath(), $"seresnet-{Guid.NewGuid():N}.safetensors");
        try
        {
            using var other = new SeResNet(depth: 8, seed: 1);
            WeightFile.Save(model, path);
            WeightFile.Load(other, path);
            Assert.Equal(
                Evaluation.Of(model, shapes.Test, shapes.Normalization, device: CPU).Predictions,
                Evaluation.Of(other, shapes.Test, shapes.Normalization, device: CPU).Predictions
            );
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>An attention's name and a depth, as in the fixture.</summary>
    internal static SeResNet Create(string name, int? classes = null, long? seed = null)
    {
        int digits = name.IndexOfAny(['1', '2', '8']),
            depth = int.Parse(name[digits..], System.Globalization.CultureInfo.InvariantCulture);
        return new SeResNet(
            classes ?? (depth == 20 ? 10 : 5),
            depth,
            name[..digits] switch
            {
                "se" => null,
                "eca" => channels => new EfficientChannelAttention(channels),
                "cbam" => channels => new Cbam(channels),
                _ => _ => nn.Identity(),
            },
            seed
        );
    }

    private static Tensor Stream(uint stream, Func<double, double> value, params long[] shape) =>
        tensor(
            [
                .. Enumerable
                    .Range(0, (int)shape.Aggregate((a, b) => a * b))
                    .Select(i => (float)value(Fixture.Uniform(stream, (uint)i))),
            ],
            shape
        );

    private static void AssertClose(JsonElement expected, Tensor actual) =>
        Fixture.AssertClose(
            tensor([.. expected.EnumerateArray().Select(value => value.GetSingle())], actual.shape),
            actual,
            Tolerance.BetweenFloat32(Additions)
        );
}

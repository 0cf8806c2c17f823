using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Explore;
using AttentionLab.Imaging;
using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Explore;

[Trait("Kind", "Numeric")]
public sealed class ExplorationTests
{
    private static readonly DataSet Set = ShapeSet.Create(1, 1);
    private static readonly Image Picture = Set.Test.PictureOf(0);

    [Fact]
    public void One_layer_of_each_resolution_is_offered_in_the_order_they_run()
    {
        using TrainedNetwork attention = Network(new SeCnn()),
            plain = Network(new Cnn());

        Assert.Equal(["ca1", "ca2", "ca3"], new Exploration(attention).LayersFor(Picture));
        Assert.Equal(["relu1", "relu2", "relu3"], new Exploration(plain).LayersFor(Picture));
        Assert.DoesNotContain("se-map", new Exploration(plain).Methods);
    }

    [Fact]
    public void Answers_are_those_of_the_methods_themselves()
    {
        using TrainedNetwork network = Network(new SeCnn());
        var exploration = new Exploration(network);

        Assert.Equal(network.Predict(Picture).Output, exploration.Predict(Picture).Output);
        Assert.Equal(
            new GradCam().Explain(network, Picture, new() { Target = Target.Class(3), Layers = ["conv2"] })[0].Values,
            exploration.Explain(Picture, "grad-cam", 3, "conv2")[0].Values
        );
        Assert.Equal("ca3", exploration.Explain(Picture, "grad-cam")[0].Layer);
        Assert.Equal("input", exploration.Explain(Picture, "gradients", layer: "conv2").Layer);
        using Tensor input = network.ToInput(Picture);
        using var extractor = new ActivationExtractor(network.Module, "conv1");
        using LayerActivations activations = extractor.Run(input);
        Assert.Equal(
            FeatureMaps.Top(activations["conv1"], 4).Select(channel => channel.Channel),
            exploration.Channels(Picture, "conv1", 4).Select(channel => channel.Channel)
        );
    }

    [Fact]
    public void Questions_asked_at_once_are_answered_one_after_the_other()
    {
        using TrainedNetwork network = Network(new SeCnn());
        var exploration = new Exploration(network);
        float[] alone = [.. exploration.Explain(Picture, "grad-cam", 1)[0].Values];

        float[][] answers = new float[8][];
        Parallel.For(0, answers.Length, i => answers[i] = [.. exploration.Explain(Picture, "grad-cam", 1)[0].Values]);

        Assert.All(answers, answer => Assert.Equal(alone, answer));
    }

    [Fact]
    public void A_slow_method_reports_and_stops()
    {
        using TrainedNetwork network = Network(new SeCnn());
        using var stop = new CancellationTokenSource();
        var progress = new Live<double>(_ => stop.Cancel());

        Assert.Throws<OperationCanceledException>(() =>
            new Exploration(network).Explain(Picture, "score-cam", progress: progress, cancellation: stop.Token)
        );
    }

    [Fact]
    public void A_network_without_height_and_width_has_no_layers_and_says_so()
    {
        var dense = nn.Sequential(("flat", nn.Flatten()), ("fc", nn.Linear(3 * 32 * 32, 10)));
        using var network = new TrainedNetwork(dense, Set.ClassNames, Set.Preprocessing);
        var exploration = new Exploration(network);

        Assert.Empty(exploration.LayersFor(Picture));
        Assert.Contains(
            "no layer with height and width",
            Assert.Throws<ArgumentException>(() => exploration.Explain(Picture, "grad-cam")).Message,
            StringComparison.Ordinal
        );
        Assert.Equal((32, 32), exploration.Explain(Picture, "gradients")[0] is var map ? (map.Height, map.Width) : default);
    }

    private static TrainedNetwork Network(nn.Module<Tensor, Tensor> module) =>
        new(Fixture.WithFormulaWeights(module), Set.ClassNames, Set.Preprocessing);

    private sealed class Live<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}

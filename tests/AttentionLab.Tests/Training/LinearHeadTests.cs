using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Imaging;
using AttentionLab.Models;
using AttentionLab.Tests.Data;
using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

[Trait("Kind", "Numeric")]
public sealed class LinearHeadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Logistic_regression_of_two_points_is_solved()
    {
        // Features −1 and 1 (standardised already), n = 2, λ = 1/2: by symmetry w₁ = −w₀ = w and b = 0, and the gradient
        // w/2 − σ(−2w) is zero: w = 0.52…, by Newton's iteration.
        double w = 0.5;
        for (int i = 0; i < 50; i++)
        {
            double share = 1 / (1 + Math.Exp(2 * w));
            w -= ((w / 2) - share) / (0.5 + (2 * share * (1 - share)));
        }

        (Tensor weight, Tensor bias) = LogisticRegression.Fit(
            tensor([-1.0, 1.0], [2, 1]),
            tensor([0L, 1L]),
            2,
            regularization: 1
        );

        // The gradient is below 1e-7, and the curvature at least 1/2.
        Assert.Equal(w, weight[1, 0].item<double>(), 2e-7);
        Assert.Equal(-w, weight[0, 0].item<double>(), 2e-7);
        Assert.Equal(0, bias[1].item<double>(), 2e-7);
    }

    [Fact]
    public void Solving_can_be_stopped_and_leaves_the_number_of_threads()
    {
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        int threads = get_num_threads();

        Assert.Throws<OperationCanceledException>(() =>
            LogisticRegression.Fit(tensor([-1.0, 1.0], [2, 1]), tensor([0L, 1L]), 2, 1, stopped.Token)
        );
        Assert.Equal(threads, get_num_threads());
    }

    [Fact]
    public void Features_as_they_are_give_what_standardised_ones_do()
    {
        Tensor x = tensor([.. Enumerable.Range(0, 60).Select(i => Fixture.Uniform(3, (uint)i))], [20, 3]).to(ScalarType.Float64),
            y = tensor([.. Enumerable.Range(0, 20).Select(i => (long)(i % 3))]);
        (Tensor weight, Tensor bias) = LogisticRegression.Fit(x, y, 3, 1);
        (Tensor scaled, Tensor moved) = LogisticRegression.Fit((x * 10) + 7, y, 3, 1);

        // Each ends with a gradient below 1e-7 where the curvature is λ = 1/20 or more: within 2e-6 of the solution in standardised
        // units. There a row of three features has at most the length √(3·20), and the bias counts 1.
        double tolerance = 2 * 2e-6 * (Math.Sqrt(60) + 1);
        Assert.True((x.mm(weight.t()) + bias - ((x * 10) + 7).mm(scaled.t()) - moved).abs().max().item<double>() < tolerance);
    }

    [Fact]
    public void Dark_and_light_photographs_are_told_apart_and_explained()
    {
        for (int i = 0; i < 6; i++)
        {
            Save($"dark/{i}.png", (byte)(10 * i));
            Save($"light/{i}.png", (byte)(255 - (10 * i)));
        }

        using var backbone = new TrainedNetwork(
            new SeResNet(4, seed: 1),
            ["a", "b", "c", "d"],
            Preprocessing.Of(Normalization.Tutorial, 32, 32)
        );
        LabeledPhotographs photographs = LabeledPhotographs.Find(_folder.Path);
        LinearHead head = LinearHead.Fit(backbone, photographs);

        Assert.Equal(["dark", "light"], head.Network.ClassNames);
        Assert.Equal(12, head.Files.Count);
        Assert.Equal(1, head.CrossValidation.Accuracy);
        Assert.Equal(1, head.Accuracy.Mean);
        const double z = 1.959963984540054; // Wilson's interval of 12 of 12: a handful of operations in double
        Assert.Equal(12 / (12 + (z * z)), head.Accuracy.Low, Tolerance.RoundingInDouble(16));
        Assert.Equal(1, head.Accuracy.High);
        Assert.Equal("light", head.Network.Predict(_folder["light/2.png"]).Best.Name);
        Assert.Equal("dark", head.Network.Predict(_folder["dark/2.png"]).Best.Name);
        Assert.Equal(
            head.CrossValidation.Probabilities.Cast<float>(),
            LinearHead.Fit(backbone, photographs).CrossValidation.Probabilities.Cast<float>()
        );
        Explanation map = new GradCam().Explain(
            head.Network,
            ImageFile.Load(_folder["light/2.png"]),
            new ExplanationOptions { Layers = ["features.layer3"] }
        );
        Assert.Equal("light", map.Maps[0].Target);
        Assert.Contains(
            "which its file would not bring back",
            Assert.Throws<InvalidOperationException>(() => head.Network.Save(_folder["head.safetensors"])).Message
        );
    }

    [Fact]
    public void Too_few_photographs_are_refused()
    {
        Save("a/0.png", 1);
        Save("a/1.png", 2);
        Save("b/0.png", 3);
        using var backbone = new TrainedNetwork(new SeResNet(2, seed: 1), ["a", "b"]);

        Assert.Contains(
            "has 1 readable photographs of b",
            Assert.Throws<ArgumentException>(() => LinearHead.Fit(backbone, LabeledPhotographs.Find(_folder.Path))).Message
        );
    }

    [Fact]
    [Trait("Takes", "long")]
    public async Task The_pretrained_networks_layer_is_a_small_file_that_brings_all_back()
    {
        Assert.SkipUnless(
            Directory.Exists(new NuGetPackage("Microsoft.ML.DnnImageFeaturizer.ResNet18", "0.23.1").Cached),
            "The pretrained ResNet-18 is not in NuGet's cache: `pretrained resnet18` fetches it."
        );
        for (int i = 0; i < 3; i++)
        {
            Save($"dark/{i}.png", (byte)(10 * i));
            Save($"light/{i}.png", (byte)(255 - (10 * i)));
        }

        using TrainedNetwork backbone = await PretrainedNetworks.ResNet18Async();
        Assert.Equal(512, backbone.ClassNames.Count);
        Assert.True(backbone.Preprocessing.IsBgr);
        LinearHead head = LinearHead.Fit(backbone, LabeledPhotographs.Find(_folder.Path));
        head.Network.Save(_folder["head.safetensors"]);

        using TrainedNetwork loaded = TrainedNetwork.Load(_folder["head.safetensors"]);
        Assert.Equal(["dark", "light"], loaded.ClassNames);
        Assert.Empty(loaded.Notes);
        Assert.Equal(backbone.Preprocessing.MeanImage, loaded.Preprocessing.MeanImage);
        Assert.Equal(head.Network.Predict(_folder["light/0.png"]).Output, loaded.Predict(_folder["light/0.png"]).Output);
        Explanation map = new GradCam().Explain(loaded, ImageFile.Load(_folder["light/0.png"]));
        Assert.Equal((7, 7), (map.Maps[0].Height, map.Maps[0].Width));
    }

    [Fact]
    public async Task Without_a_network_or_a_cache_the_reason_is_said()
    {
        Directory.CreateDirectory(_folder["none"]);
        IOException error = await Assert.ThrowsAsync<IOException>(() =>
            new NuGetPackage("AttentionLab.Nothing.Of.This.Name", "1.0.0").FolderAsync(null, _folder["none"])
        );
        Assert.Contains("connect to the network once", error.Message, StringComparison.Ordinal);
    }

    private void Save(string name, byte grey) =>
        PngFile.Save(new Image(40, 50, [.. Enumerable.Range(0, 6000).Select(i => (byte)(grey ^ (i % 7)))]), _folder[name]);
}

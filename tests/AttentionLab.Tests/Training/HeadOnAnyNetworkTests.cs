using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Imaging;
using AttentionLab.Models;
using AttentionLab.Tests.Data;
using AttentionLab.Tests.Explain;
using AttentionLab.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

/// <summary>A last layer on networks of every kind, frozen or fine-tuned, and the one file that keeps it.</summary>
[Trait("Kind", "Numeric")]
public sealed class HeadOnAnyNetworkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    /// <summary>The networks of shared/parity/onnx with their last linear layers and the first and last layer of the last
    /// stage, as torchvision names them.</summary>
    public static TheoryData<string, string, string, string> Families =>
        new()
        {
            { "resnet_basic", "fc", "layer4.0.conv1", "layer4.1.bn2" },
            { "resnet_bottleneck", "fc", "layer4.0.conv2", "layer4.0.downsample.1" },
            { "vgg", "classifier.3", "features.11", "features.11" },
            { "densenet", "classifier", "features.denseblock3.denselayer1.norm1", "features.norm5" },
            { "efficientnet", "classifier.1", "features.3.0.block.1.0", "features.4.1" },
            { "convnext", "classifier.2", "features.4.1", "classifier.0" },
            { "mobilenet_v2", "classifier.1", "features.6.conv.1.0", "features.7.1" },
            { "mobilenet_v3", "classifier.3", "features.3.block.1.0", "features.5.1" },
        };

    [Theory]
    [MemberData(nameof(Families))]
    public void Features_are_what_the_networks_own_last_layer_takes(string family, string last, string first, string end)
    {
        using TrainedNetwork network = Onnx(family);
        Backbone backbone = Backbone.Of(network);
        Assert.Equal(last, backbone.LastLayer);

        using Tensor picture = NetworkProbe.PictureFor(network.Preprocessing, CPU);
        using var extractor = new FeatureExtractor(backbone);
        Tensor features = ForwardPass.Of(backbone, extractor, picture);
        var layer = (Linear)ModulePaths.Of(network.Module).Single(part => part.Path == last).Module;

        // The same product of the same numbers.
        Assert.True((layer.call(features) == ForwardPass.Of(network.Module, picture)).all().item<bool>());

        IReadOnlyList<string> stage = LastStage.Of(network.Module, picture);
        Assert.Equal((first, end), (stage[0], stage[^1]));
    }

    [Fact]
    public void The_last_stage_of_a_transformer_is_its_last_block_and_the_norm_behind()
    {
        using TrainedNetwork network = Onnx("vit");
        Assert.Equal("heads.head", Backbone.Of(network).LastLayer);
        var options = new LinearHeadOptions
        {
            Folds = 2,
            FineTuning = new FineTuning { Epochs = 1 },
        };
        LinearHead tuned = LinearHead.Fit(network, Photographs(2), options);
        using TrainedNetwork its = tuned.Network;
        Assert.Equal(["encoder.layers.encoder_layer_2", "encoder.ln"], tuned.TunedLayers);
        AssertOnlyTheseChanged(network, its, "features.encoder.layers.encoder_layer_2.", "features.encoder.ln.");
    }

    [Fact]
    public void Maps_with_channels_last_have_resolutions_too_and_a_network_without_blocks_has_no_last_stage()
    {
        using var staged = nn.Sequential(
            ("embed", nn.Conv2d(3, 4, 4, stride: 4)),
            ("last", new ChannelsLast()),
            ("mlp", nn.Linear(4, 6)),
            ("merge", new EverySecond()),
            ("norm", nn.LayerNorm(6)),
            ("mlp2", nn.Linear(6, 5)),
            ("pool", new MeanOfPlaces()),
            ("head", nn.Linear(5, 2))
        );
        Assert.Equal(["norm", "mlp2"], LastStage.Of(staged, zeros(1, 3, 32, 32)));

        using var plain = nn.Sequential(
            ("conv", nn.Conv2d(3, 4, 3)),
            ("flat", nn.Flatten()),
            ("head", nn.Linear(4 * 30 * 30, 2))
        );
        Assert.Contains(
            "Name the layers",
            Assert.Throws<ArgumentException>(() => LastStage.Of(plain, zeros(1, 3, 32, 32))).Message,
            StringComparison.Ordinal
        );
    }

    /// <summary>N×C×h×w to N×h×w×C.</summary>
    private sealed class ChannelsLast() : nn.Module<Tensor, Tensor>(nameof(ChannelsLast))
    {
        public override Tensor forward(Tensor input) => input.permute(0, 2, 3, 1);
    }

    /// <summary>Half of an N×h×w×C's rows and columns.</summary>
    private sealed class EverySecond() : nn.Module<Tensor, Tensor>(nameof(EverySecond))
    {
        public override Tensor forward(Tensor input) =>
            input[.., TensorIndex.Slice(null, null, 2), TensorIndex.Slice(null, null, 2)].alias();
    }

    /// <summary>N×h×w×C to N×C.</summary>
    private sealed class MeanOfPlaces() : nn.Module<Tensor, Tensor>(nameof(MeanOfPlaces))
    {
        public override Tensor forward(Tensor input) => input.mean([1, 2]);
    }

    [Fact]
    public void A_layer_on_an_ONNX_network_is_one_file_that_needs_no_other()
    {
        LinearHead head;
        string file = _folder["net.onnx"];
        File.Copy(Fixture.Shared("parity/onnx/resnet_basic.onnx"), file);
        using TrainedNetwork network = Onnx(file);
        head = LinearHead.Fit(network, Photographs(4));
        Assert.Equal("fc", head.ReplacedLayer);
        Assert.Empty(head.TunedLayers);
        Assert.Equal(1, head.Accuracy.Mean);
        head.Network.Save(_folder["head.safetensors"], new Dictionary<string, string> { ["data"] = "greys" });
        File.Delete(file);

        using TrainedNetwork loaded = TrainedNetwork.Load(_folder["head.safetensors"]);
        Assert.Equal(["dark", "light"], loaded.ClassNames);
        Assert.Equal($"{network.Preprocessing}", $"{loaded.Preprocessing}");
        Assert.Empty(loaded.Notes);
        Assert.Equal(head.Network.Predict(_folder["light/0.png"]).Output, loaded.Predict(_folder["light/0.png"]).Output);
        Assert.Equal("greys", WeightFile.Metadata(_folder["head.safetensors"])["data"]);

        // What was loaded is saved again from the file that holds it, and another layer is learned on it.
        loaded.Save(_folder["again.safetensors"]);
        Assert.Equal(new FileInfo(_folder["head.safetensors"]).Length, new FileInfo(_folder["again.safetensors"]).Length, 64.0);
        LinearHead second = LinearHead.Fit(loaded, Photographs(4));
        Assert.Equal(head.Network.Predict(_folder["light/0.png"]).Output, second.Network.Predict(_folder["light/0.png"]).Output);
    }

    [Fact]
    public void An_ONNX_file_that_changed_meanwhile_is_not_saved_as_the_networks()
    {
        string file = _folder["net.onnx"];
        File.WriteAllBytes(file, File.ReadAllBytes(Fixture.Shared("parity/onnx/resnet_basic.onnx")));
        using TrainedNetwork network = Onnx(file);
        LinearHead head = LinearHead.Fit(network, Photographs(2));
        File.AppendAllText(file, " ");
        Assert.Contains(
            "has changed since",
            Assert.Throws<InvalidDataException>(() => head.Network.Save(_folder["head.safetensors"])).Message,
            StringComparison.Ordinal
        );
        Assert.False(File.Exists(_folder["head.safetensors"]));
    }

    [Fact]
    public void Fine_tuning_moves_the_last_stage_alone_by_AdamWs_step_and_leaves_the_given_network()
    {
        const double rate = 1e-3;
        using TrainedNetwork network = Onnx("resnet_basic");
        var options = new LinearHeadOptions
        {
            Folds = 2,
            FineTuning = new FineTuning
            {
                Epochs = 1,
                BatchSize = 64,
                LearningRate = rate,
                WeightDecay = 0,
            },
        };
        LinearHead frozen = LinearHead.Fit(network, Photographs(3)),
            tuned = LinearHead.Fit(network, Photographs(3), options);
        using TrainedNetwork its = tuned.Network;
        Assert.All(tuned.TunedLayers, layer => Assert.StartsWith("layer4.", layer, StringComparison.Ordinal));
        (double largest, double median) = AssertOnlyTheseChanged(frozen.Network, its, "features.layer4.", "head.");

        // All photographs are one batch, so that there is one step: Adam's first is rate·g/(|g| + ε), where |g| is far above ε
        // = 1e-8 for most. A weight below 1 rounds by at most 2⁻²⁴.
        Assert.InRange(largest, 0.9 * rate, (rate * (1 + 1e-5)) + Tolerance.Float32Unit);
        Assert.InRange(median, 0.9 * rate, (rate * (1 + 1e-5)) + Tolerance.Float32Unit);
        Assert.All(its.Module.parameters(), weight => Assert.True(weight.requires_grad));
        Assert.All(network.Module.parameters(), weight => Assert.True(weight.requires_grad));

        // It is repeatable, and judged by layers that were tuned without the photographs in question.
        LinearHead again = LinearHead.Fit(network, Photographs(3), options);
        Assert.Equal(tuned.CrossValidation.Probabilities.Cast<float>(), again.CrossValidation.Probabilities.Cast<float>());
        Assert.NotEqual(frozen.CrossValidation.Probabilities.Cast<float>(), again.CrossValidation.Probabilities.Cast<float>());
        again.Network.Dispose();

        its.Save(_folder["tuned.safetensors"]);
        using TrainedNetwork loaded = TrainedNetwork.Load(_folder["tuned.safetensors"]);
        Assert.Equal(its.Predict(_folder["dark/0.png"]).Output, loaded.Predict(_folder["dark/0.png"]).Output);
        AssertOnlyTheseChanged(frozen.Network, loaded, "features.layer4.", "head.");
    }

    [Fact]
    public void A_network_that_is_known_by_name_is_written_with_all_its_weights()
    {
        using var network = new TrainedNetwork(
            NetworkArchitecture.Get("resnet18").Create(7, 1),
            [.. Enumerable.Range(0, 7).Select(k => $"kind {k}")],
            Preprocessing.ImageNet.At(64, 64)
        )
        {
            Architecture = NetworkArchitecture.Get("resnet18"),
        };
        network.Module.eval();
        var options = new LinearHeadOptions
        {
            Folds = 2,
            FineTuning = new FineTuning { Epochs = 1, Layers = ["layer4.1"] },
        };
        using TrainedNetwork head = LinearHead.Fit(network, Photographs(2), options).Network;
        AssertOnlyTheseChanged(network, head, "features.layer4.1.");
        head.Save(_folder["head.safetensors"]);

        using TrainedNetwork loaded = TrainedNetwork.Load(_folder["head.safetensors"]);
        Assert.Equal(head.Predict(_folder["dark/0.png"]).Output, loaded.Predict(_folder["dark/0.png"]).Output);
        Assert.Equal(["dark", "light"], loaded.ClassNames);
        Assert.Contains(
            "need not be named",
            Assert.Throws<InvalidDataException>(() => TrainedNetwork.Load(_folder["head.safetensors"], "resnet18")).Message,
            StringComparison.Ordinal
        );
    }

    public static TheoryData<string> Methods => [.. ExplanationMethods.Names];

    /// <summary>The layer that is replaced still runs, and no method may notice it: a network whose own last layer has the new
    /// one's weights has the same maps.</summary>
    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_method_sees_the_network_as_if_its_last_layer_were_the_new_one(string name)
    {
        var module = new SeResNet(2, seed: 3);
        module.eval();
        using var network = new TrainedNetwork(module, ["a", "b"], Preprocessing.Of(Normalization.Tutorial, 32, 32));
        TrainedNetwork head = LinearHead.Fit(network, Photographs(2)).Network;
        using var replaced = new SeResNet(2, seed: 3);
        replaced.eval();
        using (no_grad())
        {
            Dictionary<string, Tensor> weights = replaced.state_dict(),
                learned = head.Module.state_dict();
            weights["fc.weight"].copy_(learned["head.weight"]);
            weights["fc.bias"].copy_(learned["head.bias"]);
        }

        ExplanationMethod method = FewSamples.Get(name);
        Assert.Equal(method.AppliesTo(replaced).IsApplicable, method.AppliesTo(head.Module).IsApplicable);
        if (!method.AppliesTo(replaced).IsApplicable)
        {
            return;
        }

        Tensor input = network.ToInput(ImageFile.Load(_folder["dark/1.png"]), ImageFile.Load(_folder["light/1.png"]));
        IReadOnlyList<Explanation> expected = method.Explain(replaced, input),
            actual = method.Explain(head.Module, input);
        Assert.Equal(expected.Count, actual.Count);
        for (int n = 0; n < expected.Count; n++)
        {
            Assert.Equal(
                expected[n].Maps.Select(map => map.Values.ToArray()),
                actual[n].Maps.Select(map => map.Values.ToArray())
            );
            Assert.EndsWith(expected[n].Layer, actual[n].Layer, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("backbone", "resnet19", "\"resnet19\", which is not known here")]
    [InlineData("backbone", "resnet18", "which is not known here")]
    [InlineData("backbone_last_layer", "layer4", "has no linear layer 'layer4'")]
    [InlineData("backbone_last_layer", "", "does not fit the network")]
    [InlineData("onnx_options", "{", "'onnx_options' is damaged")]
    [InlineData("onnx", "", "tensor 'onnx' of bytes is missing")]
    [InlineData("head.weight", "", "'head.weight' is missing")]
    public void A_file_whose_parts_do_not_fit_is_refused(string key, string value, string reason)
    {
        using (TrainedNetwork network = Onnx("resnet_basic"))
        {
            LinearHead.Fit(network, Photographs(2)).Network.Save(_folder["head.safetensors"]);
        }

        Dictionary<string, Tensor> tensors = Safetensors.Load(_folder["head.safetensors"]);
        var text = new Dictionary<string, string>(WeightFile.Metadata(_folder["head.safetensors"]));
        if (!tensors.Remove(key))
        {
            text[key] = value;
        }

        Safetensors.Save(tensors, _folder["damaged.safetensors"], text);
        Assert.Contains(
            reason,
            Assert.Throws<InvalidDataException>(() => TrainedNetwork.Load(_folder["damaged.safetensors"])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Layers_that_are_not_there_or_have_no_weights_are_refused()
    {
        using TrainedNetwork network = Onnx("resnet_basic");
        string MessageFor(string layer) =>
            Assert
                .Throws<ArgumentException>(() =>
                    LinearHead.Fit(
                        network,
                        Photographs(2),
                        new LinearHeadOptions { FineTuning = new FineTuning { Layers = [layer] } }
                    )
                )
                .Message;
        Assert.Contains("no layer 'layer5'", MessageFor("layer5"), StringComparison.Ordinal);
        Assert.Contains("have no weights to learn", MessageFor("layer4.0.relu"), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            LinearHead.Fit(
                network,
                Photographs(2),
                new LinearHeadOptions { FineTuning = new FineTuning { LearningRate = double.NaN } }
            )
        );
    }

    /// <returns>The largest change of a weight, and the median one.</returns>
    private static (double Largest, double Median) AssertOnlyTheseChanged(
        TrainedNetwork before,
        TrainedNetwork after,
        params string[] beginnings
    )
    {
        string prefix = before.Module is HeadedNetwork ? "" : "features.";
        var original = before.Module.state_dict().ToDictionary(weight => prefix + weight.Key, weight => weight.Value);
        var changes = new List<float>();
        foreach ((string name, Tensor weight) in after.Module.state_dict().Where(weight => original.ContainsKey(weight.Key)))
        {
            float[] change = (weight - original[name]).abs().flatten().to(ScalarType.Float32).data<float>().ToArray();
            if (beginnings.Any(beginning => name.StartsWith(beginning, StringComparison.Ordinal)))
            {
                changes.AddRange(change);
            }
            else
            {
                Assert.All(change, value => Assert.Equal(0, value));
            }
        }

        changes.Sort();
        Assert.True(changes[^1] > 0);
        return (changes[^1], changes[changes.Count / 2]);
    }

    private static TrainedNetwork Onnx(string family)
    {
        string file = family.EndsWith(".onnx", StringComparison.Ordinal) ? family : Fixture.Shared($"parity/onnx/{family}.onnx");
        return OnnxNetwork.Load(file, Preprocessing.ImageNet.At(64, 64));
    }

    private LabeledPhotographs Photographs(int ofEach)
    {
        for (int i = 0; i < ofEach; i++)
        {
            Save($"dark/{i}.png", (byte)(10 * i));
            Save($"light/{i}.png", (byte)(255 - (10 * i)));
        }

        return LabeledPhotographs.Find(_folder.Path);
    }

    private void Save(string name, byte grey) =>
        PngFile.Save(new Image(40, 50, [.. Enumerable.Range(0, 6000).Select(i => (byte)(grey ^ (i % 7)))]), _folder[name]);
}

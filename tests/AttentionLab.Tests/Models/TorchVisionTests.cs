using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Imaging;
using AttentionLab.Models;
using AttentionLab.Tests.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models;

/// <summary>
/// torchvision's networks by name against PyTorch: logits and maps at 224×224 with weights from the formula, from
/// shared/parity/torchvision1.safetensors.
/// </summary>
[Trait("Kind", "Numeric")]
public sealed class TorchVisionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("resnet18", "layer4")]
    [InlineData("resnet50", "layer4")]
    [InlineData("mobilenet_v2", "features.18")]
    public void Logits_and_maps_are_PyTorchs(string name, string layer) => AssertLogitsAndMaps(name, layer);

    [Theory]
    [Trait("Takes", "long")]
    [InlineData("vgg16", "features.29")]
    [InlineData("alexnet", "features.11")]
    public void Logits_and_maps_of_large_networks_are_PyTorchs(string name, string layer) => AssertLogitsAndMaps(name, layer);

    /// <remarks>
    /// The longest chain of additions passes each convolution and linear layer once, and has the length of its inputs there.
    /// </remarks>
    private static void AssertLogitsAndMaps(string name, string layer)
    {
        Dictionary<string, Tensor> expected = Safetensors.Load(Fixture.Shared("parity/torchvision1.safetensors"));
        using nn.Module<Tensor, Tensor> module = NetworkArchitecture.Get(name).Create(1000, null);
        FillByFormula(module);
        module.eval();
        Tensor input = Input();
        long additions = module.parameters().Where(weight => weight.dim() > 1).Sum(weight => weight.numel() / weight.shape[0]);
        double tolerance = Tolerance.BetweenFloat32((int)additions);

        using (no_grad())
        {
            Fixture.AssertClose(expected[$"{name}/logits"], module.call(input), tolerance, $"{name} logits");
        }

        (string Method, ClassActivationMap Map)[] methods =
        [
            ("grad_cam", new GradCam()),
            ("hires_cam", new HiResCam()),
            ("layer_cam", new LayerCam()),
        ];
        foreach ((string method, ClassActivationMap map) in methods)
        {
            Explanation seen = map.Explain(module, input, new ExplanationOptions { Layers = [layer] })[0];
            Tensor maps = stack([.. seen.Maps.Select(each => tensor(each.ToArray()))]);
            Assert.Equal(expected[$"{name}/pred"].data<long>().ToArray(), seen.Predictions.Select(k => (long)k));

            // Gradients take the same chain back.
            Fixture.AssertClose(expected[$"{name}/{method}"], maps, 2 * tolerance, $"{name} {method}");
        }
    }

    [Theory]
    [InlineData("resnet18", "layer4")]
    [InlineData("googlenet", "inception5b")]
    [InlineData("mobilenet_v3_small", "features")]
    public void A_default_layer_is_the_last_that_all_paths_pass(string name, string layer)
    {
        using nn.Module<Tensor, Tensor> module = NetworkArchitecture.Get(name).Create(1000, 0);
        module.eval();
        Assert.Equal(layer, new ActivationMap().Explain(module, Input()[..1])[0].Layer);
    }

    [Fact]
    public void A_file_of_weights_is_loaded_by_name_with_ImageNets_preprocessing()
    {
        using (nn.Module<Tensor, Tensor> module = NetworkArchitecture.Get("resnet18").Create(3, 5))
        {
            WeightFile.Save(module, _folder["resnet18.pth"]);
        }

        using TrainedNetwork network = TrainedNetwork.Load(_folder["resnet18.pth"], "resnet18", classNames: ["a", "b", "c"]);
        Assert.Same(Preprocessing.ImageNet, network.Preprocessing);
        Assert.Empty(network.Notes);
        Prediction before = network.Predict(new Image(300, 400, new byte[360_000]));

        network.Save(_folder["again.safetensors"]);
        using TrainedNetwork again = TrainedNetwork.Load(_folder["again.safetensors"]);
        Assert.Equal("resnet18", again.Architecture!.Name);
        Assert.Equal((256, 224, 224), (again.Preprocessing.ShorterSide, again.Preprocessing.Height, again.Preprocessing.Width));
        Assert.Equal(["a", "b", "c"], again.ClassNames);
        Assert.Equal(before.Output, again.Predict(new Image(300, 400, new byte[360_000])).Output);

        Assert.Contains(
            "3 classes, and 2 are named",
            Assert
                .Throws<ArgumentException>(() => TrainedNetwork.Load(_folder["resnet18.pth"], "resnet18", classNames: ["a", "b"]))
                .Message
        );
        Assert.Contains(
            "no weights of the network resnet50",
            Assert.Throws<InvalidDataException>(() => TrainedNetwork.Load(_folder["resnet18.pth"], "resnet50")).Message
        );
    }

    [Fact]
    public void Classifiers_that_only_train_are_passed_over()
    {
        using (nn.Module<Tensor, Tensor> module = NetworkArchitecture.Get("googlenet").Create(2, 5))
        {
            Dictionary<string, Tensor> state = module.state_dict();
            Safetensors.Save(new Dictionary<string, Tensor>(state) { ["aux1.fc2.bias"] = zeros(2) }, _folder["g.safetensors"]);
            Safetensors.Save(new Dictionary<string, Tensor>(state) { ["aux.fc2.bias"] = zeros(2) }, _folder["h.safetensors"]);
        }

        TrainedNetwork.Load(_folder["g.safetensors"], "googlenet").Dispose();
        Assert.Contains(
            "aux.fc2.bias",
            Assert.Throws<InvalidDataException>(() => TrainedNetwork.Load(_folder["h.safetensors"], "googlenet")).Message
        );
    }

    /// <summary>2×3×14×14 values of stream 1999, each repeated over a block of 16×16.</summary>
    private static Tensor Input() =>
        tensor(
                [.. Enumerable.Range(0, 2 * 3 * 14 * 14).Select(i => (float)((4 * Fixture.Uniform(1999, (uint)i)) - 2))],
                [2, 3, 14, 14]
            )
            .repeat_interleave(16, 2)
            .repeat_interleave(16, 3);

    /// <summary>shared/parity/README.md: parameter k takes stream 1000 + k, in PyTorch's order.</summary>
    private static void FillByFormula(nn.Module module)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Dictionary<string, Tensor> state = module.state_dict();
        uint stream = 1000;

        // TorchSharp lists buffers after parameters, and TorchVision's classifier before its features.
        IEnumerable<KeyValuePair<string, Tensor>> inPyTorchsOrder = state
            .Where(p => !p.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            .GroupBy(p => p.Key[..p.Key.LastIndexOf('.')])
            .OrderBy(layer => layer.Key.StartsWith("classifier", StringComparison.Ordinal))
            .SelectMany(layer => layer);
        foreach ((string name, Tensor parameter) in inPyTorchsOrder)
        {
            bool batchNorm = state.ContainsKey($"{name[..name.LastIndexOf('.')]}.running_var");
            double scale = Math.Sqrt(3.0 / Math.Max(1, parameter.shape.Skip(1).Aggregate(1L, (a, b) => a * b)));
            Func<double, double> value =
                parameter.dim() >= 2
                    ? u => ((2 * u) - 1) * scale
                    : name[(name.LastIndexOf('.') + 1)..] switch
                    {
                        "weight" or "running_var" => u => 0.5 + u,
                        "bias" when batchNorm => u => ((2 * u) - 1) * 0.2,
                        "bias" => u => ((2 * u) - 1) * 0.1,
                        "running_mean" => u => ((2 * u) - 1) * 0.5,
                        _ => throw new InvalidOperationException($"The formula says nothing of {name}."),
                    };
            var values = new float[parameter.numel()];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (float)value(Fixture.Uniform(stream, (uint)i));
            }

            parameter.copy_(tensor(values, parameter.shape));
            stream++;
        }
    }
}

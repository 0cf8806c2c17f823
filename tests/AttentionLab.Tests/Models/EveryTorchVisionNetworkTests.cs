using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Tests.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models;

/// <summary>
/// Each of torchvision's networks by name, with random weights: its file is read back, and Grad-CAM at the layer that is found by
/// itself is what its formula gives. The small ones run at small pictures; <c>ATTENTIONLAB_NETWORKS=all</c> runs all, at their own
/// sizes.
/// </summary>
[Trait("Kind", "Numeric")]
public sealed class EveryTorchVisionNetworkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private static bool RunsAll => Environment.GetEnvironmentVariable("ATTENTIONLAB_NETWORKS") == "all";

    /// <summary>Name, default layer, the smallest side that its pooling takes, and whether it is small.</summary>
    public static TheoryData<string, string, int, bool> Networks =>
        new()
        {
            { "alexnet", "features.11", 64, false },
            { "googlenet", "inception5b", 64, true },
            { "inception_v3", "Mixed_7c", 128, true },
            { "mobilenet_v2", "features", 64, true },
            { "mobilenet_v3_large", "features", 64, true },
            { "mobilenet_v3_small", "features", 64, true },
            { "resnet18", "layer4", 64, true },
            { "resnet34", "layer4", 64, true },
            { "resnet50", "layer4", 64, true },
            { "resnet101", "layer4", 64, false },
            { "resnet152", "layer4", 64, false },
            { "resnext50_32x4d", "layer4", 64, true },
            { "resnext101_32x8d", "layer4", 64, false },
            { "resnext101_64x4d", "layer4", 64, false },
            { "wide_resnet50_2", "layer4", 64, false },
            { "wide_resnet101_2", "layer4", 64, false },
            { "vgg11", "features.19", 64, false },
            { "vgg11_bn", "features.27", 64, false },
            { "vgg13", "features.23", 64, false },
            { "vgg13_bn", "features.33", 64, false },
            { "vgg16", "features.29", 64, false },
            { "vgg16_bn", "features.42", 64, false },
            { "vgg19", "features.35", 64, false },
            { "vgg19_bn", "features.51", 64, false },
        };

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void They_are_all_here() =>
        Assert.Equal(
            NetworkArchitecture.TorchVision.Select(each => each.Name).Order(StringComparer.Ordinal),
            Networks.Select(row => row.Data.Item1).Order(StringComparer.Ordinal)
        );

    [Theory]
    [MemberData(nameof(Networks))]
    public void Its_file_is_read_and_its_map_is_the_formulas(string name, string layer, int side, bool isSmall)
    {
        Assert.SkipUnless(isSmall || RunsAll, "ATTENTIONLAB_NETWORKS=all runs the large networks.");
        using (nn.Module<Tensor, Tensor> module = NetworkArchitecture.Get(name).Create(1000, 1))
        {
            WeightFile.Save(module, _folder["weights.safetensors"]);
        }

        using TrainedNetwork network = TrainedNetwork.Load(_folder["weights.safetensors"], name);
        int size = RunsAll ? network.Preprocessing.Height!.Value : side;
        Tensor input = tensor([.. Enumerable.Range(0, 3 * size * size).Select(i => (float)Fixture.Uniform(7, (uint)i))])
            .reshape(1, 3, size, size);
        Explanation seen = new GradCam().Explain(network.Module, input).Single();
        Assert.Equal(layer, seen.Layer);

        (Tensor expected, int predicted) = GradCamByHand(network.Module, layer, input);
        Assert.Equal(predicted, seen.Predictions.Single());
        Assert.NotEqual(0, expected.max().item<float>());
        Tensor map = tensor(seen.Maps.Single().ToArray());

        // The same activation and gradient, and then C products, their sum, and the mean over h·w.
        Tensor difference = (map - expected).abs().max() / expected.max();
        Assert.InRange(difference.item<float>(), 0, 100 * Tolerance.Float32Unit * Math.Sqrt(2048));
    }

    /// <summary>ReLU of the activations' sum, each channel weighed by its gradient's mean.</summary>
    private static (Tensor Map, int Predicted) GradCamByHand(nn.Module<Tensor, Tensor> network, string layer, Tensor input)
    {
        var part = (nn.Module<Tensor, Tensor>)ModulePaths.Of(network).Single(each => each.Path == layer).Module;
        Tensor? activation = null;
        var hook = part.register_forward_hook(
            (_, _, output) =>
            {
                activation = output.detach().clone().requires_grad_().DetachFromDisposeScope(); // the network's ends before
                return activation + 0;
            }
        );
        Tensor logits = ForwardPass.Of(network, input);
        hook.remove();
        long predicted = logits.argmax(1).item<long>();
        logits[0, predicted].backward();
        using Tensor kept = activation!;
        Tensor weights = kept.grad!.mean([2, 3], keepdim: true);
        return ((weights * kept.detach()).sum(1).relu()[0], (int)predicted);
    }
}

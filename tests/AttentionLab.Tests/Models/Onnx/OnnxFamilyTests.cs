using AttentionLab.Explain;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models.Onnx;

/// <summary>
/// Nine small networks of torchvision's families against PyTorch: logits, two layers' outputs and gradients, and Grad-CAM, from
/// shared/parity/onnx.
/// </summary>
[Trait("Kind", "Numeric")]
public class OnnxFamilyTests
{
    public static TheoryData<string> Families =>
        [
            "resnet_basic",
            "resnet_bottleneck",
            "vgg",
            "mobilenet_v2",
            "mobilenet_v3",
            "densenet",
            "efficientnet",
            "convnext",
            "vit",
        ];

    [Theory]
    [MemberData(nameof(Families))]
    public void Logits_layers_gradients_and_maps_are_PyTorchs(string family)
    {
        using DisposeScope scope = NewDisposeScope();
        (IReadOnlyDictionary<string, Tensor> expected, OnnxNetwork network, string[] layers) = Open(family, "/output");
        using OnnxNetwork held = network;

        var extractor = new ActivationExtractor(network, layers);
        long[] predicted = expected["pred"].to(ScalarType.Int64).data<long>().ToArray();
        using LayerActivations seen = extractor.RunWithGradients(
            expected["input"],
            output => output.gather(1, tensor(predicted).unsqueeze(1)).sum()
        );

        Close(expected["logits"], seen.Output, family, "logits");
        foreach (string layer in layers)
        {
            Close(expected[$"{layer}/output"], seen[layer], family, $"{layer}/output");
            Close(expected[$"{layer}/gradient"], seen.AllGradients(layer)[^1], family, $"{layer}/gradient");
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Grad_CAM_is_PyTorchs_before_and_after_enlargement(string family)
    {
        using DisposeScope scope = NewDisposeScope();
        (IReadOnlyDictionary<string, Tensor> expected, OnnxNetwork network, string[] layers) = Open(family, "/grad_cam");
        using OnnxNetwork held = network;

        foreach (
            Explanation seen in new GradCam().Explain(network, expected["input"], new ExplanationOptions { Layers = layers })
        )
        {
            Tensor maps = stack([.. seen.Maps.Select(map => tensor(map.ToArray()))]),
                enlarged = stack([
                    .. seen.Maps.Select(map =>
                        tensor(map.Resize((int)expected["input"].shape[2], (int)expected["input"].shape[3]).ToArray())
                    ),
                ]);
            Close(expected[$"{seen.Layer}/grad_cam"], maps, family, $"{seen.Layer}/grad_cam");
            Close(expected[$"{seen.Layer}/grad_cam_enlarged"], enlarged, family, $"{seen.Layer}/grad_cam_enlarged");
            Assert.Equal(family == "vit" ? SpatialLayout.Tokens(1, 4, 4) : SpatialLayout.ChannelsFirst, seen.Layout);
        }
    }

    [Theory]
    [InlineData("convnext", "features")]
    [InlineData("efficientnet", "features")]
    [InlineData("mobilenet_v3", "features")]
    [InlineData("densenet", "Relu")]
    [InlineData("resnet_bottleneck", "layer4")]
    [InlineData("vgg", "features.12")]
    [InlineData("vit", "encoder.layers.encoder_layer_1")] // behind the last block only the class token is read
    public void The_default_layer_is_the_last_spatial_one_that_all_paths_pass(string family, string layer)
    {
        string folder = Fixture.Shared("parity/onnx");
        using DisposeScope scope = NewDisposeScope();
        Tensor input = Safetensors.Load(Path.Combine(folder, $"{family}.safetensors"))["input"];
        using OnnxNetwork network = OnnxNetwork.Load(Path.Combine(folder, $"{family}.onnx"));

        Assert.Equal(layer, new GradCam().Explain(network, input[..1])[0].Layer);
    }

    /// <summary>A family's fixture, its network, and the two layers of which the fixture has a kind of value.</summary>
    private static (IReadOnlyDictionary<string, Tensor> Expected, OnnxNetwork Network, string[] Layers) Open(
        string family,
        string kind
    )
    {
        string folder = Fixture.Shared("parity/onnx");
        Dictionary<string, Tensor> expected = Safetensors.Load(Path.Combine(folder, $"{family}.safetensors"));
        string[] layers =
        [
            .. expected.Keys.Where(name => name.EndsWith(kind, StringComparison.Ordinal)).Select(name => name[..^kind.Length]),
        ];
        Assert.Equal(2, layers.Length);
        return (expected, OnnxNetwork.Load(Path.Combine(folder, $"{family}.onnx")), layers);
    }

    private static void Close(Tensor expected, Tensor actual, string family, string what)
    {
        // The networks' parts are products and normalisations over a few hundred elements, some twenty of them in a row.
        Fixture.AssertClose(expected, actual, 20 * Tolerance.BetweenFloat32(1000), $"{family} {what}");
    }
}

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
        string folder = Fixture.Shared("parity/onnx");
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> expected = Safetensors.Load(Path.Combine(folder, $"{family}.safetensors"));
        using OnnxNetwork network = OnnxNetwork.Load(Path.Combine(folder, $"{family}.onnx"));
        string[] layers =
        [
            .. expected
                .Keys.Where(name => name.EndsWith("/output", StringComparison.Ordinal))
                .Select(name => name[..^"/output".Length]),
        ];
        Assert.Equal(2, layers.Length);

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
            if (family != "vit")
            {
                Tensor weights = seen.AllGradients(layer)[^1].mean([2, 3], keepdim: true);
                Close(expected[$"{layer}/grad_cam"], (weights * seen[layer]).sum(1).relu(), family, $"{layer}/grad_cam");
            }
        }
    }

    private static void Close(Tensor expected, Tensor actual, string family, string what)
    {
        // The networks' parts are products and normalisations over a few hundred elements, some twenty of them in a row.
        Fixture.AssertClose(expected, actual, 20 * Tolerance.BetweenFloat32(1000), $"{family} {what}");
    }
}

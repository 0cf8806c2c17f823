using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Tests.Models.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Explain.Methods;

/// <summary>
/// On one thread a network from ONNX computes some convolutions otherwise when no hook stands on them, which rounds otherwise. A
/// method that compared one pass of each kind would show that where there is nothing.
/// </summary>
public class OneThreadTests
{
    private const int Side = 32,
        Seen = 8,
        Channels = 64;

    /// <summary>The score is the mean of channel 0 of a layer <c>relu</c> over the left quarter of the picture.</summary>
    private static OnnxNetwork Network()
    {
        using DisposeScope scope = NewDisposeScope();
        var random = new Generator(1);
        float[] Drawn(params long[] shape) => randn(shape, generator: random).data<float>().ToArray();
        return OnnxNetwork.Read(
            new OnnxWriter(13)
                .Input("x", -1, 3, Side, Side)
                .Output("y", -1, 1)
                .Floats("stem.weight", [Channels, 3, 1, 1], Drawn(Channels, 3, 1, 1))
                .Floats("conv.weight", [Channels, Channels, 3, 3], Drawn(Channels, Channels, 3, 3))
                .Floats("fc.weight", [1, Channels], [1, .. new float[Channels - 1]])
                .Floats("left", [1, 1, 1, Side], [.. Enumerable.Repeat(1f, Seen), .. new float[Side - Seen]])
                .Node("Conv", "/stem/Conv", ["x", "stem.weight"], ["a"])
                .Node("Conv", "/conv/Conv", ["a", "conv.weight"], ["b"], attributes: [("pads", new long[] { 1, 1, 1, 1 })])
                .Node("Relu", "/relu/Relu", ["b"], ["c"])
                .Node("Mul", "/Mul", ["c", "left"], ["d"])
                .Node("GlobalAveragePool", "/pool/GlobalAveragePool", ["d"], ["e"])
                .Node("Flatten", "/Flatten", ["e"], ["f"])
                .Node("Gemm", "/fc/Gemm", ["f", "fc.weight"], ["y"], attributes: [("transB", 1)])
                .ToArray(),
            null
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    public void What_the_network_does_not_see_has_zero(int batchSize)
    {
        SkipWithoutFusedProducts();
        using DisposeScope scope = NewDisposeScope();
        using OnnxNetwork network = Network();
        Tensor picture = randn([1, 3, Side, Side], generator: new Generator(5));
        var options = new ExplanationOptions { BatchSize = batchSize, Target = Target.Score("left", logits => logits[.., 0]) };

        Heatmap occlusion = new Occlusion { Window = 4, Stride = 3 }.Explain(network, picture, options)[0][0];

        Assert.All(Enumerable.Range(0, Side), row => Assert.NotEqual(0, occlusion[row, 0]));
        Assert.All(
            Enumerable
                .Range(0, Side)
                .SelectMany(_ => Enumerable.Range(Seen + 4, Side - Seen - 4), (row, column) => (row, column)),
            place => Assert.Equal(0, occlusion[place.row, place.column])
        );
    }

    // A batch of one goes through torch's own convolution, with fused multiply-adds; a larger one through oneDNN, which HiddenCaches
    // limits to AVX, without them. The two differ by rounding.
    private static void SkipWithoutFusedProducts() =>
        Assert.SkipWhen(
            HiddenCaches.AreHere,
            "The processor's caches are hidden: oneDNN rounds differently from torch's own convolution."
        );

    [Fact]
    public void Channels_that_do_not_count_have_no_share_in_ablation_cam()
    {
        SkipWithoutFusedProducts();
        using DisposeScope scope = NewDisposeScope();
        using OnnxNetwork network = Network();
        Tensor picture = randn([1, 3, Side, Side], generator: new Generator(5));
        var options = new ExplanationOptions { Layers = ["relu"], Target = Target.Score("left", logits => logits[.., 0]) };
        using var extractor = new ActivationExtractor(network, "relu");
        using LayerActivations seen = extractor.Run(picture);

        Heatmap map = new AblationCam().Explain(network, picture, options)[0][0];

        // Without channel 0 the score is 0: its weight is 1, and that of the others 0.
        Assert.Equal(seen["relu"][0, 0].ToFloats(), map.Values.ToArray());
    }
}

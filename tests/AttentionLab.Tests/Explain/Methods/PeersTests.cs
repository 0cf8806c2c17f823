using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Explain.Methods;

/// <summary>
/// Maps beside those of pytorch-grad-cam, torch-cam and Captum, for weights and pictures that no method here was made with (the
/// formula's, seed 2). What parts them, and why, is lib/docs/differences.md; the numbers there are those of
/// <see cref="As_they_are_they_differ_by_as_much_as_the_docs_say"/>.
/// </summary>
public sealed class PeersTests : IDisposable
{
    private static readonly Dictionary<string, Tensor> Peers = Safetensors.Load(Fixture.Path("peers2.safetensors"));

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData("grad-cam", "grad-cam")]
    [InlineData("grad-cam++", "grad-cam++ same")]
    [InlineData("xgrad-cam", "xgrad-cam")]
    [InlineData("hires-cam", "hires-cam")]
    [InlineData("layer-cam", "layer-cam")]
    [InlineData("score-cam", "score-cam same")]
    [InlineData("ablation-cam", "ablation-cam same")]
    public void With_the_same_equations_pytorch_grad_cam_agrees_within_two_percent(string method, string theirs)
    {
        foreach ((string network, string after) in new[] { ("plain", "relu3"), ("se", "ca3") })
        {
            foreach (string layer in new[] { "conv3", after })
            {
                Assert.InRange(Difference("pytorch-grad-cam", network, layer, method, theirs), 0, 0.02);
            }

            // Enlarged, too: what is cut at zero, centre-aligned, scaled to [0, 1].
            Explanation ours = Explain(network, "conv3", method);
            Fixture.AssertClose(
                Peers[$"pytorch-grad-cam/{network}/conv3/{theirs}/enlarged"][0],
                tensor([.. (ours with { Maps = [.. ours.Maps.Select(map => map.Rectify())] }).ToHeatMap(0).Flat()], [32, 32]),
                0.02,
                method
            );
        }
    }

    /// <summary>
    /// The table of lib/docs/differences.md: in shares of the largest value, plain network and the one with attention.
    /// </summary>
    [Theory]
    [InlineData("pytorch-grad-cam", "grad-cam++", "conv3", 0.025, 0.098)]
    [InlineData("pytorch-grad-cam", "grad-cam++", "default", 0.004, 0.002)]
    [InlineData("pytorch-grad-cam", "score-cam", "conv3", 0.162, 0.160)]
    [InlineData("pytorch-grad-cam", "score-cam", "default", 0.053, 0.031)]
    [InlineData("pytorch-grad-cam", "ablation-cam", "conv3", 0.088, 0.126)]
    [InlineData("pytorch-grad-cam", "ablation-cam", "default", 0, 0)]
    [InlineData("pytorch-grad-cam", "eigen-cam", "default", 2.43, 2.52)]
    [InlineData("pytorch-grad-cam", "eigen-grad-cam", "default", 0.327, 0.059)]
    [InlineData("torch-cam", "grad-cam", "conv3", 0, 0)]
    [InlineData("torch-cam", "xgrad-cam", "conv3", 0, 0)]
    [InlineData("torch-cam", "layer-cam", "conv3", 0, 0)]
    [InlineData("torch-cam", "score-cam", "conv3", 0.246, 0.164)]
    [InlineData("torch-cam", "score-cam", "default", 0.037, 0.017)]
    [InlineData("captum", "grad-cam", "conv3", 0, 0)]
    [InlineData("captum", "integrated-gradients", "input", 0, 0)]
    public void As_they_are_they_differ_by_as_much_as_the_docs_say(
        string tool,
        string method,
        string layer,
        double plain,
        double withAttention
    )
    {
        string At(string after) => layer == "default" ? after : layer;
        Assert.Equal(plain, Difference(tool, "plain", At("relu3"), method, method), 0.005);
        Assert.Equal(withAttention, Difference(tool, "se", At("ca3"), method, method), 0.005);
    }

    /// <summary>
    /// The largest difference of two maps of one picture, in shares of the peer's largest value there; the worst picture's.
    /// </summary>
    private static double Difference(string tool, string network, string layer, string method, string theirs)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor expected = Peers[$"{tool}/{network}/{layer}/{theirs}"],
            actual = tensor([.. Explain(network, layer, method).Flat()], expected.shape);
        actual = layer == "input" ? actual : actual.relu(); // peers cut every map at zero
        return ((expected - actual).abs().amax([1, 2]) / expected.abs().amax([1, 2])).max().ToDouble();
    }

    private static Explanation Explain(string network, string layer, string method)
    {
        using nn.Module<Tensor, Tensor> model = Fixture.WithFormulaWeights(NetworkTests.Create(network), seed: 2);
        using Tensor input = Fixture.FormulaInput(seed: 2);
        return ExplanationMethods.Get(method).Explain(model, input[..2], new() { Layers = [layer] })[0];
    }
}

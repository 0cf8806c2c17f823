using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Explain.Methods;

/// <summary>
/// Maps beside those of pytorch-grad-cam, torch-cam and Captum, for weights and pictures that no method here was made with (the formula's, seed 2). What
/// parts them, and why, is lib/docs/differences.md; the numbers there are those of PUBLISHED.
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
            float[,,] cut = ours.Maps;
            for (int i = 0; i < cut.Length; i++)
            {
                cut[i / 64, i / 8 % 8, i % 8] = Math.Max(cut[i / 64, i / 8 % 8, i % 8], 0);
            }

            Fixture.AssertClose(
                Peers[$"pytorch-grad-cam/{network}/conv3/{theirs}/enlarged"][0],
                tensor([.. ours.ToHeatMap(0).Cast<float>()], [32, 32]),
                0.02,
                method
            );
        }
    }

    [Fact]
    public void Report()
    {
        foreach (string key in Peers.Keys.Where(key => key.Split('/').Length == 4))
        {
            string[] parts = key.Split('/');
            string method = parts[3].Replace(" same", "", StringComparison.Ordinal);
            TestContext.Current.TestOutputHelper!.WriteLine(
                $"{key}: {Difference(parts[0], parts[1], parts[2], method, parts[3]):p3}"
            );
        }
    }

    /// <summary>The largest difference of two maps of one picture, in shares of the peer's largest value there; the worst picture's.</summary>
    private static double Difference(string tool, string network, string layer, string method, string theirs)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor expected = Peers[$"{tool}/{network}/{layer}/{theirs}"],
            actual = tensor([.. Explain(network, layer, method).Maps.Cast<float>()], expected.shape);
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

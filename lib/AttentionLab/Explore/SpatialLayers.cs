using AttentionLab.Explain;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explore;

/// <summary>Layers worth offering to a reader: of each resolution the last one, in the order in which they run.</summary>
internal static class SpatialLayers
{
    private const int Most = 4;

    /// <summary>
    /// One layer for each resolution, up to the one that methods choose by themselves, the last four; none where the network has
    /// no layer with height and width.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="input">Pictures as it takes them; the first is run.</param>
    public static IReadOnlyList<string> Of(TrainedNetwork network, Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(network.Module);
        using IDisposable noGradients = no_grad();
        List<(string Path, long Height, long Width)> outputs = OutputsOf(network, input);
        if (outputs.Count == 0)
        {
            return [];
        }

        string chosen = DefaultLayer.Of(network.Module, input).Path;
        int end = outputs.FindLastIndex(output => output.Path == chosen);
        if (end < 0)
        {
            return [chosen]; // of tokens, which have their places by another layout
        }

        var layers = outputs
            .Take(end + 1)
            .Reverse()
            .DistinctBy(output => (output.Height, output.Width))
            .Take(Most)
            .Select(output => output.Path)
            .Reverse();
        return [.. layers.Distinct()];
    }

    /// <summary>What a layer output when it last had height and width; null where it never has.</summary>
    public static Tensor? LastUseOf(LayerActivations activations, string layer) =>
        activations.All(layer).LastOrDefault(LayerActivations.IsSpatial);

    private static List<(string Path, long Height, long Width)> OutputsOf(TrainedNetwork network, Tensor input)
    {
        var outputs = new List<(string, long, long)>();
        using var hooks = new ForwardHooks(
            network.Module,
            (path, _, output) =>
            {
                if (LayerActivations.IsSpatial(output))
                {
                    outputs.Add((path, output.shape[2], output.shape[3]));
                }

                return output;
            }
        );
        ForwardPass.Of(network.Module, input[..1].clone());
        return outputs;
    }
}

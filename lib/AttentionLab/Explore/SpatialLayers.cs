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
        List<(string Path, long Height, long Width)> stages = [.. DefaultLayer.Candidates(network.Module, input)];
        if (stages.Count == 0)
        {
            return [];
        }

        string chosen = DefaultLayer.Of(network.Module, input).Path;
        int end = stages.FindLastIndex(stage => stage.Path == chosen);
        return
        [
            .. stages
                .Take(end + 1)
                .Reverse()
                .DistinctBy(stage => (stage.Height, stage.Width))
                .Take(Most)
                .Select(stage => stage.Path)
                .Reverse(),
        ];
    }

    /// <summary>What a layer output when it last had height and width; null where it never has.</summary>
    public static Tensor? LastUseOf(LayerActivations activations, string layer) =>
        activations.All(layer).LastOrDefault(LayerActivations.IsSpatial);
}

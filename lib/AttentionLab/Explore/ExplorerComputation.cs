using AttentionLab.Explain;
using AttentionLab.Imaging;
using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Explore;

/// <summary>Asks networks everything that an <see cref="Explorer"/> of some pictures can show.</summary>
internal static class ExplorerComputation
{
    /// <summary>One result for each checkpoint.</summary>
    public static IReadOnlyList<ExplorerEpoch> Of(
        IReadOnlyList<(int Epoch, TrainedNetwork Network)> checkpoints,
        IReadOnlyList<Image> pictures,
        IReadOnlyList<int>? labels,
        ExplorerOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(checkpoints);
        options.Check();
        if (checkpoints.Count == 0 || checkpoints.Any(checkpoint => checkpoint.Network is null))
        {
            throw new ArgumentException("There is no network to explore.", nameof(checkpoints));
        }

        TrainedNetwork last = checkpoints[^1].Network;
        int[][] classes = ClassesOf(last, pictures, labels, options);
        IReadOnlyList<string> layers = options.Layers.Count > 0 ? options.Layers : LayersOf(last, pictures[0]);
        return [.. checkpoints.Select(each => EpochOf(each.Epoch, each.Network, pictures, classes, layers, options))];
    }

    /// <summary>For each rank the class of each picture: the most probable ones, the true one in place of the last.</summary>
    private static int[][] ClassesOf(
        TrainedNetwork network,
        IReadOnlyList<Image> pictures,
        IReadOnlyList<int>? labels,
        ExplorerOptions options
    )
    {
        int count = Math.Min(options.Classes, network.ClassNames.Count);
        int[][] classes =
        [
            .. network
                .Predict(pictures, options.Cancellation)
                .Select(prediction => prediction.Top(count).Select(each => each.Index).ToArray()),
        ];
        for (int n = 0; n < classes.Length && labels is not null && count > 1; n++)
        {
            if (!classes[n].Contains(labels[n]) && labels[n] < network.ClassNames.Count)
            {
                classes[n][^1] = labels[n];
            }
        }

        return [.. Enumerable.Range(0, count).Select(rank => classes.Select(ofPicture => ofPicture[rank]).ToArray())];
    }

    private static IReadOnlyList<string> LayersOf(TrainedNetwork network, Image picture)
    {
        using Tensor input = network.ToInput(picture);
        return SpatialLayers.Of(network, input);
    }

    private static ExplorerEpoch EpochOf(
        int epoch,
        TrainedNetwork network,
        IReadOnlyList<Image> pictures,
        int[][] classes,
        IReadOnlyList<string> layers,
        ExplorerOptions options
    )
    {
        var explanations = new List<Explanation>();
        foreach (ExplanationMethod method in options.Methods.Select(ExplanationMethods.Get).Distinct())
        {
            foreach (int[] ofPictures in classes)
            {
                var asked = new ExplanationOptions
                {
                    Target = Target.Classes(ofPictures),
                    Layers = method.AppliesTo(network.Module, layers).IsApplicable ? layers : [],
                    Cancellation = options.Cancellation,
                };
                explanations.AddRange(method.Explain(network, pictures, asked));
            }
        }

        return new ExplorerEpoch(epoch, explanations)
        {
            Channels = options.Channels > 0 && layers.Count > 0 ? ChannelsOf(network, pictures, layers, options) : new Channels(),
        };
    }

    private static Channels ChannelsOf(
        TrainedNetwork network,
        IReadOnlyList<Image> pictures,
        IReadOnlyList<string> layers,
        ExplorerOptions options
    )
    {
        using var extractor = new ActivationExtractor(network.Module, layers);
        var found = extractor.Layers.ToDictionary(layer => layer, _ => new List<IReadOnlyList<ChannelMap>>());
        foreach (Image picture in pictures) // one by one: an ONNX file may fix the batch
        {
            using Tensor input = network.ToInput(picture);
            using LayerActivations activations = extractor.Run(input);
            foreach (string layer in activations.Keys)
            {
                if (SpatialLayers.LastUseOf(activations, layer) is { } values)
                {
                    found[layer].Add(FeatureMaps.Top(values, (int)Math.Min(options.Channels, values.shape[1]), 0));
                }
            }
        }

        var channels = new Channels();
        foreach ((string layer, List<IReadOnlyList<ChannelMap>> maps) in found.Where(each => each.Value.Count > 0))
        {
            channels[layer] = maps;
        }

        return channels;
    }

    private sealed class Channels : Dictionary<string, IReadOnlyList<IReadOnlyList<ChannelMap>>>;
}

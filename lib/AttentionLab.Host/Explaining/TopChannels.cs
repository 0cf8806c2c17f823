using AttentionLab.Explain;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Host.Explaining;

/// <summary>The tutorial's heat maps: of each picture the channels of a layer with the highest means.</summary>
/// <param name="Layer">The layer's path.</param>
/// <param name="Channels">Each picture's channels, highest mean first: three, or all where a layer has fewer.</param>
internal sealed record TopChannels(string Layer, IReadOnlyList<IReadOnlyList<ChannelMap>> Channels)
{
    private const int Count = 3;

    /// <summary>Ranks the channels of layers for pictures N×3×H×W, some pictures at a time.</summary>
    public static IReadOnlyList<TopChannels> Of(
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        IReadOnlyList<string> layers,
        int batchSize,
        CancellationToken cancellationToken
    )
    {
        using var extractor = new ActivationExtractor(model, layers);
        var channels = layers.ToDictionary(layer => layer, _ => new List<IReadOnlyList<ChannelMap>>());
        batchSize = OnnxNetwork.AtOnce(model, batchSize);
        for (int start = 0; start < input.shape[0]; start += batchSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            int end = (int)Math.Min(start + batchSize, input.shape[0]);
            using LayerActivations activations = extractor.Run(input[start..end]);
            foreach (string layer in layers)
            {
                channels[layer]
                    .AddRange(
                        Enumerable
                            .Range(0, end - start)
                            .Select(n =>
                                FeatureMaps.Top(activations[layer], (int)Math.Min(Count, activations[layer].shape[1]), n)
                            )
                    );
            }
        }

        return [.. layers.Select(layer => new TopChannels(layer, channels[layer]))];
    }
}

using AttentionLab.Explain;

namespace AttentionLab.Explore;

/// <summary>What an <see cref="Explorer"/> shows of one state of a network: plain numbers.</summary>
/// <param name="Epoch">The number of the epoch after which the network was in this state.</param>
/// <param name="Explanations">
/// Of the same pictures in the same order: a method, layer and target each. Those of several classes are several explanations.
/// </param>
public sealed record ExplorerEpoch(int Epoch, IReadOnlyList<Explanation> Explanations)
{
    /// <summary>By layer, the channels of each picture to show as thumbnails.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyList<ChannelMap>>> Channels { get; init; } =
        new Dictionary<string, IReadOnlyList<IReadOnlyList<ChannelMap>>>();
}

using AttentionLab.Explore;
using AttentionLab.Models;

namespace AttentionLab.Host.Exploring;

/// <summary>A network of the page.</summary>
/// <param name="Name">What the page calls it.</param>
/// <param name="Loading">The C# expression that loads it.</param>
/// <param name="Exploration">Asks it.</param>
internal sealed record ExploredNetwork(string Name, string Loading, Exploration Exploration)
{
    /// <summary>A network from a file of weights.</summary>
    public static ExploredNetwork Of(TrainedNetwork network, string file)
    {
        string path = $"@\"{file.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        string loading =
            network.Module is OnnxNetwork ? $"OnnxNetwork.Load({path})"
            : network.Architecture is { } architecture ? $"TrainedNetwork.Load({path}, \"{architecture.Name}\")"
            : $"TrainedNetwork.Load({path})";
        return new ExploredNetwork(Path.GetFileNameWithoutExtension(file), loading, new Exploration(network));
    }
}

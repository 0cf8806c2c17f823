using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>A network that is known by name; a file holds all of its weights.</summary>
/// <param name="Architecture">Which one.</param>
/// <param name="Channels">Of the pictures that go in.</param>
/// <param name="Outputs">The rows of its own last layer.</param>
internal sealed record ArchitectureOrigin(NetworkArchitecture Architecture, int Channels, int Outputs) : BackboneOrigin
{
    public override string Name => Architecture.Name;

    public override bool HasWeights => false;

    /// <summary>The network of a name whose weights a file holds; null where there is no such network, or its last layer is
    /// missing.</summary>
    public static ArchitectureOrigin? ReadFrom(TensorFile file, string name) =>
        NetworkArchitecture.Find(name) is { } architecture && architecture.ClassesOf(file) is { } outputs
            ? new ArchitectureOrigin(architecture, architecture.ChannelsOf(file), outputs)
            : null;

    public override nn.Module<Tensor, Tensor> Create() => Architecture.CreateFor(Channels, Outputs, null);
}

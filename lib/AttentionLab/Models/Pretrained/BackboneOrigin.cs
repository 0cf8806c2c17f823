using AttentionLab.Core;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Where a backbone comes from, so that the file of a layer on it brings it back.</summary>
internal abstract record BackboneOrigin
{
    /// <summary>The metadata's key under which a file names the origin.</summary>
    public const string Key = "backbone";

    /// <summary>What files call it.</summary>
    public abstract string Name { get; }

    /// <summary>Whether the weights come from there, so that a file need only hold those that have changed since.</summary>
    public abstract bool HasWeights { get; }

    /// <summary>The origin of a network; null where nothing says it.</summary>
    public static BackboneOrigin? Of(TrainedNetwork network) =>
        network.Module switch
        {
            PooledFeatures => new PretrainedOrigin(),
            OnnxNetwork { Source: { } source } => new OnnxOrigin(source),
            _ => network.Architecture is { } architecture
                ? new ArchitectureOrigin(architecture, network.Preprocessing.Channels, network.Outputs)
                : null,
        };

    /// <summary>What a file says of its backbone's origin.</summary>
    /// <exception cref="InvalidDataException">It says nothing, or names an unknown network.</exception>
    public static BackboneOrigin Read(TensorFile file) =>
        file.Metadata.GetValueOrDefault(Key) switch
        {
            null or PretrainedOrigin.FileName => new PretrainedOrigin(),
            OnnxOrigin.FileName => OnnxOrigin.ReadFrom(file),
            string name => ArchitectureOrigin.ReadFrom(file, name)
                ?? throw new InvalidDataException(
                    $"{file.Path} holds a last layer on a network \"{Excerpt.Of(name)}\", which is not known here."
                ),
        };

    /// <summary>Makes the network, with its weights from there if it has them, on the CPU.</summary>
    /// <exception cref="IOException">It cannot be had.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public abstract nn.Module<Tensor, Tensor> Create();

    /// <summary>Adds to a file what <see cref="Read"/> needs, beyond the weights.</summary>
    /// <exception cref="IOException">The origin is no longer there.</exception>
    public virtual void AddTo(IDictionary<string, Tensor> tensors, IDictionary<string, string> text) => text[Key] = Name;
}

using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Host.Inputs;

/// <summary>A network that commands know by name.</summary>
/// <param name="Name">As <c>--model</c> takes it.</param>
/// <param name="Words">What it is, in help texts.</param>
/// <param name="Mark">A tensor that only this network's weights have; null for the one without a mark.</param>
/// <param name="LastBias">The tensor whose length is the number of classes.</param>
/// <param name="HasAttention">Whether it has squeeze-and-excitation modules.</param>
/// <param name="Create">From the number of classes and the seed of the initial weights.</param>
internal sealed record NetworkKind(string Name, string Words, string? Mark, string LastBias, bool HasAttention, Func<int, long?, nn.Module<Tensor, Tensor>> Create)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<NetworkKind> All { get; } =
    [
        new("plain", "the tutorial's network", null, "fc2.bias", false, (classes, seed) => new Cnn(classes, seed: seed)),
        new("se", "the same with squeeze-and-excitation modules", "ca1.fc.0.weight", "fc2.bias", true, (classes, seed) => new SeCnn(classes, seed: seed)),
    ];

    /// <summary>What <c>--model</c> accepts.</summary>
    public static string[] Names => [.. All.Select(kind => kind.Name)];

    /// <summary>For help texts.</summary>
    public static string Help => string.Join(' ', All.Select(kind => $"{kind.Name}: {kind.Words}."));

    /// <summary>A network by its name.</summary>
    public static NetworkKind Get(string name) => All.First(kind => kind.Name == name);

    /// <summary>Whose weights bear these names.</summary>
    /// <exception cref="InvalidDataException">Nobody's.</exception>
    public static NetworkKind Of(IReadOnlyCollection<string> names, string path)
    {
        NetworkKind kind = All.FirstOrDefault(kind => kind.Mark is { } mark && names.Contains(mark)) ?? All.First(kind => kind.Mark is null);
        return names.Contains(kind.LastBias) ? kind : throw new InvalidDataException(
            $"{path} holds no weights of the networks known here ({string.Join(", ", Names)}): '{kind.LastBias}', whose length is the number of classes, is not there.");
    }
}

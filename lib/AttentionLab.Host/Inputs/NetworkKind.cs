using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Host.Inputs;

/// <summary>A network that commands know by name.</summary>
/// <param name="Name">As <c>--model</c> takes it.</param>
/// <param name="Words">What it is, in help texts.</param>
/// <param name="Mark">A tensor that only this network's weights have; null for the one without a mark.</param>
/// <param name="LastWeight">The last layer's weights: a row for each class.</param>
/// <param name="LastInputs">The columns of that tensor.</param>
/// <param name="HasAttention">Whether it has squeeze-and-excitation modules.</param>
/// <param name="Create">From the number of classes and the seed of the initial weights.</param>
internal sealed record NetworkKind(
    string Name,
    string Words,
    string? Mark,
    string LastWeight,
    int LastInputs,
    bool HasAttention,
    Func<int, long?, nn.Module<Tensor, Tensor>> Create
)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<NetworkKind> All { get; } =
    [
        new("plain", "the tutorial's network", null, "fc2.weight", 512, false, (classes, seed) => new Cnn(classes, seed: seed)),
        new(
            "se-resnet",
            "a residual network of 20 layers with the same modules, for pictures of your own",
            "layer3.0.conv1.weight",
            "fc.weight",
            64,
            true,
            (classes, seed) => new SeResNet(classes, seed: seed)
        ),
        new(
            "se",
            "the tutorial's with squeeze-and-excitation modules",
            "ca1.fc.0.weight",
            "fc2.weight",
            512,
            true,
            (classes, seed) => new SeCnn(classes, seed: seed)
        ),
    ];

    /// <summary>What <c>--model</c> accepts.</summary>
    public static string[] Names => [.. All.Select(kind => kind.Name)];

    /// <summary>For help texts.</summary>
    public static string Help => string.Join(' ', All.Select(kind => $"{kind.Name}: {kind.Words}."));

    /// <summary>A network by its name.</summary>
    public static NetworkKind Get(string name) => All.First(kind => kind.Name == name);

    /// <summary>Which network a file's weights are of, and for how many classes. A wrapper's prefix may stand before the names.</summary>
    /// <exception cref="InvalidDataException">They are of none known here.</exception>
    public static (NetworkKind Kind, int Classes) Of(TensorFile file)
    {
        NetworkKind kind =
            All.FirstOrDefault(kind => kind.Mark is { } mark && Find(mark) is not null) ?? All.First(kind => kind.Mark is null);
        return
            Find(kind.LastWeight) is { Shape: [> 0 and <= int.MaxValue and var rows, var columns] } && columns == kind.LastInputs
            ? (kind, (int)rows)
            : throw new InvalidDataException(
                $"{file.Path} holds no weights of the networks known here ({string.Join(", ", Names)}): '{kind.LastWeight}', with {kind.LastInputs} columns and a row for each class, is not there."
            );

        TensorInfo? Find(string name) =>
            file
                .Tensors.FirstOrDefault(tensor => tensor.Key == name || tensor.Key.EndsWith($".{name}", StringComparison.Ordinal))
                .Value;
    }
}

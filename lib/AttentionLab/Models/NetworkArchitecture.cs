using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>A network that files of weights and commands know by name.</summary>
/// <param name="Name">The name: <c>plain</c>, <c>se</c>, <c>se-resnet</c>.</param>
/// <param name="Description">What it is, in half a sentence.</param>
/// <param name="Mark">A tensor that only this network's weights have; null for the one that is recognised by its last layer
/// alone.</param>
/// <param name="LastWeight">The last layer's weight, which has a row for each class.</param>
/// <param name="LastInputs">The columns of that weight.</param>
/// <param name="HasAttention">Whether it has channel-attention modules.</param>
/// <param name="Side">Height and width of the pictures that it is made for, in pixels.</param>
/// <param name="Create">Makes the network from the number of classes and the seed of its start weights (null: whatever torch's
/// generator gives).</param>
public sealed record NetworkArchitecture(
    string Name,
    string Description,
    string? Mark,
    string LastWeight,
    int LastInputs,
    bool HasAttention,
    int Side,
    Func<int, long?, nn.Module<Tensor, Tensor>> Create
)
{
    /// <summary>Every architecture.</summary>
    public static IReadOnlyList<NetworkArchitecture> All { get; } =
    [
        new(
            "plain",
            "the tutorial's network",
            null,
            "fc2.weight",
            512,
            false,
            32,
            (classes, seed) => new Cnn(classes, seed: seed)
        ),
        new(
            "fast-resnet",
            "the network that reaches 94 % on CIFAR-10 soonest",
            "layer3.conv1.weight",
            "fc.weight",
            256,
            false,
            32,
            (classes, seed) => new FastResNet(classes, seed)
        ),
        new(
            "se-resnet",
            "a residual network of 20 layers with the same modules, for pictures of your own",
            "layer3.0.conv1.weight",
            "fc.weight",
            64,
            true,
            32,
            (classes, seed) => new SeResNet(classes, seed: seed)
        ),
        new(
            "se",
            "the tutorial's with squeeze-and-excitation modules",
            "ca1.fc.0.weight",
            "fc2.weight",
            512,
            true,
            32,
            (classes, seed) => new SeCnn(classes, seed: seed)
        ),
    ];

    /// <summary>Every architecture's name.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(architecture => architecture.Name)];

    /// <summary>The architecture of a name.</summary>
    /// <exception cref="ArgumentException">There is no such architecture; the message lists those that there are.</exception>
    public static NetworkArchitecture Get(string name) =>
        All.FirstOrDefault(architecture => architecture.Name == name)
        ?? throw new ArgumentException($"There is no network \"{name}\". There are {string.Join(", ", Names)}.", nameof(name));

    /// <summary>
    /// The architecture whose tensors a file has, and its number of classes; null where it has no known one's. A prefix may stand
    /// before the names.
    /// </summary>
    internal static (NetworkArchitecture Architecture, int Classes)? Recognize(TensorFile file)
    {
        NetworkArchitecture likely =
            All.FirstOrDefault(each => each.Mark is { } mark && Find(file, mark) is not null)
            ?? All.First(each => each.Mark is null);
        return likely.ClassesOf(file) is { } classes ? (likely, classes) : null;
    }

    /// <summary>How many classes a file's weights of this network distinguish; null where its last layer is missing.</summary>
    internal int? ClassesOf(TensorFile file) =>
        Find(file, LastWeight) is { Shape: [> 0 and <= int.MaxValue and var rows, var columns] } && columns == LastInputs
            ? (int)rows
            : null;

    private static TensorInfo? Find(TensorFile file, string name) =>
        file
            .Tensors.FirstOrDefault(tensor => tensor.Key == name || tensor.Key.EndsWith($".{name}", StringComparison.Ordinal))
            .Value;
}

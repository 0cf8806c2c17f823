using AttentionLab.Core;
using AttentionLab.Data;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>A network that files of weights and commands know by name: one of AttentionLab's, or one of torchvision's.</summary>
/// <param name="Name">The name: <c>plain</c>, <c>se</c>, <c>se-resnet</c>, <c>resnet50</c> …</param>
/// <param name="Description">What it is, in half a sentence.</param>
/// <param name="LastWeight">The last layer's weight, which has a row for each class.</param>
/// <param name="LastInputs">The columns of that weight.</param>
/// <param name="Create">Makes the network from the number of classes and the seed of its start weights (null: whatever torch's
/// generator gives).</param>
public sealed record NetworkArchitecture(
    string Name,
    string Description,
    string LastWeight,
    int LastInputs,
    Func<int, long?, nn.Module<Tensor, Tensor>> Create
)
{
    private const string FirstWeight = "conv1.weight";

    /// <summary>How photographs become its input, where a file of weights does not say.</summary>
    public Preprocessing Preprocessing { get; init; } = Preprocessing.Cifar10;

    /// <summary>Makes the network for pictures of one channel; null where it takes colour only.</summary>
    internal Func<int, long?, nn.Module<Tensor, Tensor>>? CreateGrey { get; init; }

    /// <summary>A tensor that only this one of AttentionLab's networks has; null for the one that is recognised by its last layer
    /// alone.</summary>
    internal string? Mark { get; init; }

    /// <summary>Beginnings of tensors that torchvision's files have and the network does not: classifiers used in training
    /// only.</summary>
    internal IReadOnlyList<string> Auxiliary { get; init; } = [];

    /// <summary>AttentionLab's own architectures.</summary>
    public static IReadOnlyList<NetworkArchitecture> All { get; } =
    [
        new("plain", "the tutorial's network", "fc2.weight", 512, (classes, seed) => new Cnn(classes, seed: seed))
        {
            CreateGrey = (classes, seed) => new Cnn(classes, seed: seed, channels: 1),
        },
        new(
            "fast-resnet",
            "a convolutional network for few epochs, after Jordan's airbench94_muon",
            "fc.weight",
            256,
            (classes, seed) => new FastResNet(classes, seed)
        )
        {
            Mark = "layer3.conv1.weight",
            CreateGrey = (classes, seed) => new FastResNet(classes, seed, channels: 1),
        },
        new(
            "se-resnet",
            "a residual network of 20 layers with the same modules, for pictures of your own",
            "fc.weight",
            64,
            (classes, seed) => new SeResNet(classes, seed: seed)
        )
        {
            Mark = "layer3.0.conv1.weight",
            CreateGrey = (classes, seed) => new SeResNet(classes, seed: seed, channels: 1),
        },
        new(
            "se",
            "the tutorial's with squeeze-and-excitation modules",
            "fc2.weight",
            512,
            (classes, seed) => new SeCnn(classes, seed: seed)
        )
        {
            Mark = "ca1.fc.0.weight",
            CreateGrey = (classes, seed) => new SeCnn(classes, seed: seed, channels: 1),
        },
    ];

    /// <summary>torchvision's, under its names; they take its files of weights.</summary>
    public static IReadOnlyList<NetworkArchitecture> TorchVision { get; } = TorchVisionNetworks.All;

    /// <summary>The names of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(architecture => architecture.Name)];

    /// <summary>The architecture of a name, of AttentionLab's and of torchvision's.</summary>
    /// <exception cref="ArgumentException">There is no such architecture; the message lists those that there are.</exception>
    public static NetworkArchitecture Get(string name) =>
        Find(name)
        ?? throw new ArgumentException(
            $"\"{Excerpt.Of(name ?? "")}\" is not a known network. Known are {string.Join(", ", Names)}, and torchvision's "
                + $"{string.Join(", ", TorchVision.Select(each => each.Name))}.",
            nameof(name)
        );

    /// <summary>The architecture of a name; null where there is none.</summary>
    public static NetworkArchitecture? Find(string? name) =>
        All.Concat(TorchVision).FirstOrDefault(architecture => architecture.Name == name);

    /// <summary>
    /// The one of AttentionLab's architectures whose tensors a file has, and its number of classes; null where it has none's. A
    /// prefix may stand before the names.
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

    /// <summary>How many channels the pictures have that a file's weights of this network are for: 1 where its first convolution
    /// has one.</summary>
    internal int ChannelsOf(TensorFile file) =>
        CreateGrey is not null && Find(file, FirstWeight) is { Shape: [_, 1, ..] } ? 1 : 3;

    /// <summary>Makes the network for pictures of 3 channels, or of 1 where there is one of those.</summary>
    internal nn.Module<Tensor, Tensor> CreateFor(int channels, int outputs, long? seed) =>
        (channels == 1 ? CreateGrey ?? Create : Create)(outputs, seed);

    /// <summary>The tensor of a name, or under a prefix; of several the one with the shortest, for a network's own last layer
    /// stands above that of a classifier used in training only.</summary>
    private static TensorInfo? Find(TensorFile file, string name) =>
        file
            .Tensors.Where(tensor => tensor.Key == name || tensor.Key.EndsWith($".{name}", StringComparison.Ordinal))
            .OrderBy(tensor => tensor.Key.Length)
            .FirstOrDefault()
            .Value;
}

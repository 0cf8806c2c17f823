using AttentionLab.Data;
using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Host.Explaining;

/// <summary>One of the tutorial's networks, with weights from a file.</summary>
internal sealed class Network : IDisposable
{
    private Network(nn.Module<Tensor, Tensor> model, string kind, int classes) => (Model, Kind, Classes) = (model, kind, classes);

    public nn.Module<Tensor, Tensor> Model { get; }

    /// <summary><c>plain</c> or <c>se</c>.</summary>
    public string Kind { get; }

    /// <summary>How many classes the network tells apart.</summary>
    public int Classes { get; }

    /// <summary>What a reader should be told of the weights.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    public bool HasAttention => Kind == "se";

    /// <summary>Builds the network for as many classes as the file's last layer has, and loads the file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or holds no weights of this network.</exception>
    public static Network Load(string kind, string path)
    {
        bool attention;
        int classes;
        using (TensorFile file = TensorFile.Open(path))
        {
            // A wrapper's prefix may stand before the names.
            attention = file.Tensors.Keys.Any(name => name.EndsWith("ca1.fc.0.weight", StringComparison.Ordinal));
            classes = file.Tensors.FirstOrDefault(tensor => tensor.Key.EndsWith("fc2.weight", StringComparison.Ordinal)).Value is { Shape: [> 0 and <= int.MaxValue and var rows, 512] } ? (int)rows
                : throw new InvalidDataException($"{path} holds no weights of the tutorial's networks: 'fc2.weight', with 512 columns and a row for each class, is not there.");
        }

        if (attention != (kind == "se"))
        {
            throw new InvalidDataException($"{path} holds weights {(attention ? "with" : "without")} channel attention: say --model {(attention ? "se" : "plain")}.");
        }

        nn.Module<Tensor, Tensor> model = attention ? new SeCnn(classes) : new Cnn(classes);
        try
        {
            WeightReport report = WeightFile.Load(model, path);
            model.eval();
            return new Network(model, kind, classes) { Notes = [.. report.NotFinite.Select(name => $"{path}: {name} holds NaN or infinity.")] };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The names of the classes for some pictures: their set's, else CIFAR-10's for ten classes, else numbers.</summary>
    /// <exception cref="InvalidDataException">The pictures' set has another number of classes.</exception>
    public IReadOnlyList<string> ClassNamesFor(PictureInput pictures) =>
        pictures.ClassNames is { } names
            ? names.Count == Classes ? names : throw new InvalidDataException($"The weights tell {Classes} classes apart, and {pictures.Source} has {names.Count}: they were learned from another set.")
            : Classes == Cifar10.ClassNames.Count ? Cifar10.ClassNames : [.. Enumerable.Range(0, Classes).Select(index => $"class {index}")];

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}

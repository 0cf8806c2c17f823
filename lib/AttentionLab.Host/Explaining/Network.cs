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

    public bool HasAttention => Kind == "se";

    /// <summary>Builds the network for as many classes as the file's last layer has, and loads the file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or holds no weights of this network.</exception>
    public static Network Load(string kind, string path)
    {
        const string LastBias = "fc2.bias", AttentionWeight = "ca1.fc.0.weight";
        Dictionary<string, Tensor> file = Safetensors.Load(path);
        int classes;
        bool attention = file.ContainsKey(AttentionWeight);
        try
        {
            classes = file.TryGetValue(LastBias, out Tensor? bias) && bias.dim() == 1 && bias.shape[0] > 0
                ? (int)bias.shape[0]
                : throw new InvalidDataException($"{path} holds no weights of the tutorial's networks: '{LastBias}', whose length is the number of classes, is not there.");
        }
        finally
        {
            foreach (Tensor tensor in file.Values)
            {
                tensor.Dispose();
            }
        }

        if (attention != (kind == "se"))
        {
            throw new InvalidDataException($"{path} holds weights {(attention ? "with" : "without")} channel attention: say --model {(attention ? "se" : "plain")}.");
        }

        nn.Module<Tensor, Tensor> model = attention ? new SeCnn(classes) : new Cnn(classes);
        try
        {
            WeightFile.Load(model, path);
            model.eval();
            return new Network(model, kind, classes);
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

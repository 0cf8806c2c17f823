using System.Text.Json;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Host.Inputs;

/// <summary>A network with weights from a file, in eval mode.</summary>
internal sealed class Network : IDisposable
{
    /// <summary>The key in the weights' metadata under which their classes' names stand, as JSON.</summary>
    public const string ClassesKey = "classes";

    /// <summary>What <c>--weights</c> takes.</summary>
    public const string Help =
        "The network's weights under PyTorch's names: a safetensors file, or a state dict that torch.save wrote (.pth).";

    /// <summary>The key under which the normalisation stands that the weights were learned with, as JSON.</summary>
    public const string NormalizationKey = "normalization";

    private const int BatchSize = 64;

    private Network(nn.Module<Tensor, Tensor> model, NetworkKind kind, int outputs, IReadOnlyList<string>? classNames) =>
        (Model, Kind, Outputs, ClassNames) = (model, kind, outputs, classNames);

    public nn.Module<Tensor, Tensor> Model { get; }

    public NetworkKind Kind { get; }

    /// <summary>How many logits the network puts out.</summary>
    public int Outputs { get; }

    /// <summary>How many classes the network tells apart: one logit tells two.</summary>
    public int Classes => ModelOutput.ClassesOf(Classification.KindOf(Outputs), Outputs);

    /// <summary>Their names; null where the weights do not tell.</summary>
    public IReadOnlyList<string>? ClassNames { get; }

    /// <summary>How pictures become the network's input: as when it learned, and as in the tutorial where the weights do not tell.</summary>
    public required Normalization Normalization { get; init; }

    /// <summary>What a reader should be told of the weights.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Builds the network for as many classes as the file's last layer has, and loads the file.</summary>
    /// <param name="name">Which network; null for what the weights are of.</param>
    /// <param name="path">The weights.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or holds no weights of this network.</exception>
    public static Network Load(string? name, string path)
    {
        NetworkKind kind;
        int outputs;
        string[]? classNames;
        Normalization? normalization;
        using (TensorFile file = TensorFile.Open(path))
        {
            (kind, outputs) = NetworkKind.Of(file);
            classNames =
                In<string[]>(file.Metadata, ClassesKey) is { } names
                && names.Length == ModelOutput.ClassesOf(Classification.KindOf(outputs), outputs)
                && !names.Contains(null)
                    ? names
                    : null;
            normalization =
                In<Normalization>(file.Metadata, NormalizationKey) is { Mean.Length: 3, Deviation.Length: 3 } found
                && found.Deviation.All(d => d > 0)
                    ? found
                    : null;
        }

        if (name is not null && name != kind.Name)
        {
            throw new InvalidDataException($"{path} holds weights of another network: say --model {kind.Name}.");
        }

        nn.Module<Tensor, Tensor> model = kind.Create(outputs, null);
        try
        {
            WeightReport report = WeightFile.Load(model, path);
            model.eval();
            return new Network(model, kind, outputs, classNames)
            {
                Normalization = normalization ?? Normalization.Tutorial,
                Notes =
                [
                    .. report.NotFinite.Select(tensor => $"{path}: {tensor} holds NaN or infinity."),
                    .. report.Beside.Count > 0
                        ? (string[])
                            [
                                $"{path}: of its tensors, {report.Beside.Count} are no weights of the network and were passed over, such as {TypedText.Short(report.Beside[0])}.",
                            ]
                        : [],
                ],
            };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>What the network says about pictures, some at a time.</summary>
    /// <param name="input">N×3×32×32, normalised.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="InvalidDataException">It puts out what is no number.</exception>
    public Classification Classify(Tensor input, CancellationToken cancellationToken = default)
    {
        using IDisposable noGradients = no_grad();
        var logits = new float[input.shape[0], Outputs];
        for (int start = 0; start < input.shape[0]; start += BatchSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            float[] part = Model
                .call(input[start..(int)Math.Min(start + BatchSize, input.shape[0])])
                .cpu()
                .contiguous()
                .data<float>()
                .ToArray();
            int broken = Array.FindIndex(part, value => !float.IsFinite(value));
            if (broken >= 0)
            {
                throw new InvalidDataException(
                    $"For picture {start + (broken / Outputs)} the network puts out {part[broken]}: its weights are broken."
                );
            }

            Buffer.BlockCopy(part, 0, logits, start * Outputs * sizeof(float), part.Length * sizeof(float));
        }

        return new Classification(logits);
    }

    /// <summary>The names of the classes for some pictures: their set's, else the weights', else CIFAR-10's for ten classes, else numbers.</summary>
    /// <exception cref="InvalidDataException">The pictures' set has other classes.</exception>
    public IReadOnlyList<string> ClassNamesFor(PictureInput pictures)
    {
        if (pictures.ClassNames is not { } names)
        {
            return ClassNames
                ?? (
                    Outputs == 1 ? ["negative", "positive"]
                    : Classes == Cifar10.ClassNames.Count ? Cifar10.ClassNames
                    : [.. Enumerable.Range(0, Classes).Select(index => $"class {index}")]
                );
        }

        return names.Count != Classes
                ? throw new InvalidDataException(
                    $"The weights tell {Classes} classes apart, and {pictures.Source} has {names.Count}: they were learned from another set."
                )
            : ClassNames is { } learned && !learned.SequenceEqual(names)
                ? throw new InvalidDataException(
                    $"The weights know {Listed(learned)}, and {pictures.Source} has {Listed(names)}: they were learned from another set."
                )
            : names;
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private static string Listed(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(20).Select(TypedText.Short)) + (names.Count > 20 ? $" and {names.Count - 20} more" : "");

    /// <summary>What stands under a key. Somebody else's file may say something else there: that is as if it said nothing.</summary>
    private static T? In<T>(IReadOnlyDictionary<string, string> metadata, string key)
        where T : class
    {
        try
        {
            return metadata.TryGetValue(key, out string? text) ? JsonSerializer.Deserialize<T>(text) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

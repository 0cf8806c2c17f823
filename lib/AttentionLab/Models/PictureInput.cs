using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// Pictures as a network's <see cref="TrainedNetwork.Preprocessing"/> makes them its input, with the photographs themselves,
/// their names and, where known, their classes.
/// </summary>
public sealed class PictureInput : IDisposable
{
    /// <summary>Photographs are kept to be shown, not to be printed.</summary>
    private const int LongestSideShown = 1024;

    private PictureInput(string source, Tensor input, IReadOnlyList<Image> photographs, IReadOnlyList<string> names) =>
        (Source, Input, Photographs, Names) = (source, input, photographs, names);

    /// <summary>What the pictures come from, for messages: a set's name, a file, or "The picture files".</summary>
    public string Source { get; }

    /// <summary>The network's input, float32, N×C×H×W. Disposed with this object.</summary>
    public Tensor Input { get; }

    /// <summary>The N photographs, upright and whole; those with more than 1,024 pixels on a side are reduced.</summary>
    public IReadOnlyList<Image> Photographs { get; }

    /// <summary>The part of each photograph that the network sees; null where it sees all.</summary>
    public IReadOnlyList<ImagePart?> Parts { get; private init; } = [];

    /// <summary>A name for each picture: its file, or its place in a split.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The true class of each picture; null where it is not known.</summary>
    public IReadOnlyList<int>? Labels { get; private init; }

    /// <summary>The names of the classes that the labels count; null where the source has none.</summary>
    public IReadOnlyList<string>? ClassNames { get; private init; }

    /// <summary>Reads picture files of any size.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="network">Gives the preprocessing.</param>
    /// <param name="report">Receives a sentence for each unreadable file, which is skipped.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    /// <exception cref="InvalidDataException">None of the files can be read.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static PictureInput FromFiles(
        IEnumerable<string> paths,
        TrainedNetwork network,
        Action<string> report,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        var names = new List<string>();
        IEnumerable<Image> photographs = PictureFiles
            .Read(paths, report, cancellationToken)
            .Select(read =>
            {
                names.Add(Path.GetFileName(read.File));
                return read.Image;
            });
        return Of("The picture files", photographs, names, network, null, null)
            ?? throw new InvalidDataException("None of the picture files can be read.");
    }

    /// <summary>Takes pictures of any size.</summary>
    /// <param name="pictures">At least one.</param>
    /// <param name="names">A name for each.</param>
    /// <param name="network">Gives the preprocessing.</param>
    /// <exception cref="ArgumentException">The list of pictures is empty, or the number of names differs.</exception>
    public static PictureInput FromPictures(IReadOnlyList<Image> pictures, IReadOnlyList<string> names, TrainedNetwork network)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(network);
        return pictures.Count != names.Count
            ? throw new ArgumentException($"There are {pictures.Count} pictures and {names.Count} names.", nameof(names))
            : Of("The picture files", pictures, names, network, null, null)
                ?? throw new ArgumentException("The list of pictures is empty: give at least one.", nameof(pictures));
    }

    /// <summary>Takes pictures of a set, as the network expects them.</summary>
    /// <param name="set">The set.</param>
    /// <param name="images">Its training, test or validation split.</param>
    /// <param name="indices">Which pictures of the split.</param>
    /// <param name="network">Gives the preprocessing.</param>
    /// <exception cref="ArgumentException">No picture is named.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public static PictureInput FromSet(DataSet set, LabeledImages images, IReadOnlyList<int> indices, TrainedNetwork network)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentNullException.ThrowIfNull(network);
        int[] chosen = [.. indices];
        return Of(
                set.Name,
                chosen.Select(images.PictureOf),
                [.. chosen.Select(index => $"{images.Name} {index}")],
                network,
                [.. chosen.Select(index => images.Labels[index])],
                set.ClassNames
            ) ?? throw new ArgumentException("The list of indices is empty: give at least one.", nameof(indices));
    }

    /// <summary>Reads pictures that are preprocessed already: the tensor <c>input</c> of a safetensors or PyTorch file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">Gives the preprocessing.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, has no such tensor, or one of another shape or type, or with
    /// values that are not finite.</exception>
    public static PictureInput FromTensor(string path, TrainedNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        using TensorFile file = TensorFile.Open(path);
        CheckShape(file, path, network.Preprocessing);
        using DisposeScope scope = NewDisposeScope();
        Tensor input = file.Read("input");
        scope.Attach(input);
        if (!input.isfinite().all().item<bool>())
        {
            throw new InvalidDataException($"'input' of {path} holds NaN or infinity.");
        }

        int[] pictures = [.. Enumerable.Range(0, (int)input.shape[0])];
        return new PictureInput(
            path,
            input.DetachFromDisposeScope(),
            [.. pictures.Select(n => network.Preprocessing.ToPicture(input[n]))],
            [.. pictures.Select(n => $"input {n}")]
        )
        {
            Parts = new ImagePart?[pictures.Length],
        };
    }

    /// <summary>The names of the network's classes for these pictures: the source's where it has some, else the
    /// network's.</summary>
    /// <exception cref="InvalidDataException">The source has other classes than the network.</exception>
    public IReadOnlyList<string> ClassNamesFor(TrainedNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (ClassNames is not { } names)
        {
            return network.ClassNames;
        }

        return names.Count != network.ClassNames.Count
                ? throw new InvalidDataException(
                    $"The network tells {network.ClassNames.Count} classes apart, and {Source} has {names.Count}: it was trained on "
                        + "another set."
                )
            : network.HasClassNames && !network.ClassNames.SequenceEqual(names)
                ? throw new InvalidDataException(
                    $"The network's classes are {Excerpt.Of(network.ClassNames)}, and those of {Source} are {Excerpt.Of(names)}: it "
                        + "was trained on another set."
                )
            : names;
    }

    /// <inheritdoc/>
    public void Dispose() => Input.Dispose();

    /// <summary>Takes pictures one after the other, so that no more than one is in memory at its full size; null for
    /// none.</summary>
    private static PictureInput? Of(
        string source,
        IEnumerable<Image> pictures,
        IReadOnlyList<string> names,
        TrainedNetwork network,
        IReadOnlyList<int>? labels,
        IReadOnlyList<string>? classNames
    )
    {
        var seen = new List<Image>();
        var shown = new List<Image>();
        var parts = new List<ImagePart?>();
        foreach (Image picture in pictures)
        {
            seen.Add(network.Preprocessing.Apply(picture));
            shown.Add(ImageFile.Within(picture, LongestSideShown));
            parts.Add(network.Preprocessing.PartOf(picture.Height, picture.Width) is { IsWhole: false } part ? part : null);
        }

        if (seen.Count == 0)
        {
            return null;
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor input = network.Preprocessing.ToNumbers(seen).to(network.Device);
        return new PictureInput(source, input.DetachFromDisposeScope(), shown, names)
        {
            Parts = parts,
            Labels = labels,
            ClassNames = classNames,
        };
    }

    private static void CheckShape(TensorFile file, string path, Preprocessing preprocessing)
    {
        if (!file.Tensors.TryGetValue("input", out TensorInfo? info))
        {
            string there = file.Tensors.Count == 0 ? "none" : Excerpt.Of([.. file.Tensors.Keys]);
            throw new InvalidDataException($"{path} has no tensor named 'input'; it has {there}.");
        }

        if (
            info.Shape is not [> 0, var channels, > 0 and var height, > 0 and var width]
            || channels != preprocessing.Channels
            || (preprocessing.Height ?? height) != height
            || (preprocessing.Width ?? width) != width
            || info.Type != ScalarType.Float32
        )
        {
            throw new InvalidDataException(
                $"'input' of {path} is {info.ShapeText} of {info.Type}; it should be N×{preprocessing.ShapeText} of "
                    + "float32, N at least 1, already normalised."
            );
        }
    }
}

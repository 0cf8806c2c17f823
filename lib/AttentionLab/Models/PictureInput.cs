using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Pictures as a network takes them, and as a reader sees them, with their names and, where known, their classes.</summary>
public sealed class PictureInput : IDisposable
{
    private PictureInput(string source, Tensor input, IReadOnlyList<Image> pictures, IReadOnlyList<string> names) =>
        (Source, Input, Pictures, Names) = (source, input, pictures, names);

    /// <summary>What the pictures come from, for messages: a set's name, a file, or "The picture files".</summary>
    public string Source { get; }

    /// <summary>The normalised pictures, float32, N×3×H×W. Disposed with this object.</summary>
    public Tensor Input { get; }

    /// <summary>The N pictures at the network's size.</summary>
    public IReadOnlyList<Image> Pictures { get; }

    /// <summary>A name for each picture: its file, or its place in a split.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The true class of each picture; null where it is not known.</summary>
    public IReadOnlyList<int>? Labels { get; private init; }

    /// <summary>The names of the classes that the labels count; null where the source has none.</summary>
    public IReadOnlyList<string>? ClassNames { get; private init; }

    /// <summary>Reads picture files of any size; each is cut to the network's ratio and scaled to its size.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="network">Gives size and normalisation.</param>
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
        var size = new ImageOptions { Height = network.Height, Width = network.Width };
        (string File, Image Image)[] read = [.. PictureFiles.Read(paths, size, report, cancellationToken)];
        return read.Length == 0
            ? throw new InvalidDataException("None of the picture files can be read.")
            : FromPictures([.. read.Select(each => each.Image)], [.. read.Select(each => Path.GetFileName(each.File))], network);
    }

    /// <summary>Takes pictures of any size; each is cut to the network's ratio and scaled to its size.</summary>
    /// <param name="pictures">At least one.</param>
    /// <param name="names">A name for each.</param>
    /// <param name="network">Gives size and normalisation.</param>
    /// <exception cref="ArgumentException">There is no picture, or not a name for each.</exception>
    public static PictureInput FromPictures(IReadOnlyList<Image> pictures, IReadOnlyList<string> names, TrainedNetwork network)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(network);
        if (pictures.Count != names.Count)
        {
            throw new ArgumentException($"There are {pictures.Count} pictures and {names.Count} names.", nameof(names));
        }

        var size = new ImageOptions { Height = network.Height, Width = network.Width };
        Image[] fitted = [.. pictures.Select(picture => ImageFile.Fit(picture, size))];
        return new PictureInput("The picture files", Outlive(network.Normalization.ToTensor(fitted)), fitted, names);
    }

    /// <summary>Takes pictures of a set, normalised as the network expects them.</summary>
    /// <param name="set">The set.</param>
    /// <param name="images">Its training, test or validation split.</param>
    /// <param name="indices">Which pictures of the split.</param>
    /// <param name="network">Gives the normalisation.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public static PictureInput FromSet(DataSet set, LabeledImages images, IReadOnlyList<int> indices, TrainedNetwork network)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentNullException.ThrowIfNull(network);
        int[] chosen = [.. indices];
        return new PictureInput(
            set.Name,
            Outlive(network.Normalization.ToTensor(images, chosen)),
            [.. chosen.Select(images.PictureOf)],
            [.. chosen.Select(index => $"{images.Name} {index}")]
        )
        {
            Labels = [.. chosen.Select(index => images.Labels[index])],
            ClassNames = set.ClassNames,
        };
    }

    /// <summary>Reads pictures that are normalised already: the tensor <c>input</c> of a safetensors or PyTorch file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">Gives size and normalisation.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, has no such tensor, or one of another shape or type, or with
    /// values that are not finite.</exception>
    public static PictureInput FromTensor(string path, TrainedNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        using TensorFile file = TensorFile.Open(path);
        CheckShape(file, path, network);
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
            [.. pictures.Select(n => network.Normalization.ToPicture(input[n]))],
            [.. pictures.Select(n => $"input {n}")]
        );
    }

    /// <summary>The names of the network's classes for these pictures: the source's where it has some, else the network's.</summary>
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

    private static void CheckShape(TensorFile file, string path, TrainedNetwork network)
    {
        if (!file.Tensors.TryGetValue("input", out TensorInfo? info))
        {
            string there = file.Tensors.Count == 0 ? "none" : Excerpt.Of([.. file.Tensors.Keys]);
            throw new InvalidDataException($"{path} has no tensor named 'input'; it has {there}.");
        }

        if (
            info.Shape is not [> 0, 3, var height, var width]
            || (height, width) != (network.Height, network.Width)
            || info.Type != ScalarType.Float32
        )
        {
            throw new InvalidDataException(
                $"'input' of {path} is {info.ShapeText} of {info.Type}; it should be N×3×{network.Height}×{network.Width} of "
                    + "float32, N at least 1, already normalised."
            );
        }
    }

    private static Tensor Outlive(Tensor tensor) => tensor.DetachFromDisposeScope();
}

using AttentionLab.Data;
using AttentionLab.Imaging;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Host.Inputs;

/// <summary>Pictures to look at: as the network takes them, and as one sees them.</summary>
internal sealed class PictureInput : IDisposable
{
    /// <summary>Of each picture.</summary>
    public const int Side = 32;

    private PictureInput(Tensor input, IReadOnlyList<Image> pictures, IReadOnlyList<string> names) =>
        (Input, Pictures, Names) = (input, pictures, names);

    /// <summary>Normalised, N×3×32×32.</summary>
    public Tensor Input { get; }

    public IReadOnlyList<Image> Pictures { get; }

    /// <summary>What each picture is called.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>What each picture shows; null where nobody said.</summary>
    public IReadOnlyList<int>? Labels { get; private init; }

    /// <summary>The classes' names; null where the pictures do not tell.</summary>
    public IReadOnlyList<string>? ClassNames { get; private init; }

    /// <summary>What the pictures come from, in messages.</summary>
    public required string Source { get; init; }

    /// <summary>Picture files of any size: see <see cref="ImageFile"/>.</summary>
    /// <param name="paths">Files.</param>
    /// <param name="normalization">How pixels become the network's input.</param>
    /// <param name="report">Gets a sentence for each file that cannot be read and is left out: which and why.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    /// <exception cref="InvalidDataException">None of the files can be read.</exception>
    public static PictureInput FromFiles(
        IReadOnlyList<string> paths,
        Normalization normalization,
        Action<string> report,
        CancellationToken cancellationToken
    )
    {
        (string File, Image Image)[] read =
        [
            .. ReadableImages.Of(paths, new ImageOptions { Height = Side, Width = Side }, report, cancellationToken),
        ];
        return read.Length == 0
            ? throw new InvalidDataException("None of the picture files can be read.")
            : FromPictures(
                [.. read.Select(each => each.Image)],
                [.. read.Select(each => Path.GetFileName(each.File))],
                normalization
            );
    }

    /// <summary>Pictures that were read already, 32×32 each.</summary>
    public static PictureInput FromPictures(
        IReadOnlyList<Image> pictures,
        IReadOnlyList<string> names,
        Normalization normalization
    )
    {
        float[,] table = normalization.Table();
        float[] values =
        [
            .. pictures.SelectMany(picture =>
                Enumerable
                    .Range(0, 3)
                    .SelectMany(c => Enumerable.Range(0, Side * Side).Select(p => table[c, picture.Rgb[(3 * p) + c]]))
            ),
        ];
        return new PictureInput(tensor(values, [pictures.Count, 3, Side, Side]), pictures, names)
        {
            Source = "The picture files",
        };
    }

    /// <summary>Pictures of a set.</summary>
    /// <param name="root">See <see cref="DataChoice"/>.</param>
    /// <param name="split"><c>train</c> or <c>test</c>.</param>
    /// <param name="indices">See <see cref="IndexRanges"/>.</param>
    /// <param name="say">See <see cref="DataChoice"/>.</param>
    public static PictureInput FromData(string root, string split, string indices, Action<string> say)
    {
        DataSet set = DataChoice.Load(root, say);
        LabeledImages images = split == "train" ? set.Train : set.Test;
        int[] chosen = IndexRanges.Parse(indices, images.Name, images.Count);
        return new PictureInput(
            set.Normalization.ToTensor(images, chosen),
            [.. chosen.Select(images.PictureOf)],
            [.. chosen.Select(index => $"{images.Name} {index}")]
        )
        {
            Source = set.Name,
            Labels = [.. chosen.Select(index => images.Labels[index])],
            ClassNames = set.ClassNames,
        };
    }

    /// <summary>Pictures that are normalised already: the tensor <c>input</c> of a safetensors or PyTorch file.</summary>
    public static PictureInput FromTensor(string path)
    {
        using TensorFile file = TensorFile.Open(path);
        if (!file.Tensors.TryGetValue("input", out TensorInfo? info))
        {
            throw new InvalidDataException(
                $"{path} has no tensor named 'input'; it has "
                    + $"{(file.Tensors.Count == 0 ? "none" : string.Join(", ", file.Tensors.Keys.Take(20).Select(TypedText.Short)))}."
            );
        }

        if (info.Shape is not [> 0, 3, Side, Side] || info.Type != ScalarType.Float32)
        {
            throw new InvalidDataException(
                $"'input' of {path} is {info.ShapeText} of {info.Type}; it should be N×3×{Side}×{Side} of float32, N at least "
                    + "1, already normalised."
            );
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor input = file.Read("input");
        scope.Attach(input);
        if (!input.isfinite().all().item<bool>())
        {
            throw new InvalidDataException($"'input' of {path} holds NaN or infinity.");
        }

        int count = (int)info.Shape[0];
        Image[] pictures = [.. Enumerable.Range(0, count).Select(n => Normalization.Tutorial.ToPicture(input[n]))];
        return new PictureInput(
            input.DetachFromDisposeScope(),
            pictures,
            [.. Enumerable.Range(0, count).Select(n => $"input {n}")]
        )
        {
            Source = path,
        };
    }

    /// <summary>The classes' names for these pictures: their set's where it has some, else the network's.</summary>
    /// <exception cref="InvalidDataException">The pictures' set has other classes than the network.</exception>
    public IReadOnlyList<string> ClassNamesFor(TrainedNetwork network)
    {
        if (ClassNames is not { } names)
        {
            return network.ClassNames;
        }

        return names.Count != network.ClassNames.Count
                ? throw new InvalidDataException(
                    $"The network tells {network.ClassNames.Count} classes apart, and {Source} has {names.Count}: it learned "
                        + "from another set."
                )
            : network.HasClassNames && !network.ClassNames.SequenceEqual(names)
                ? throw new InvalidDataException(
                    $"The network knows {string.Join(", ", network.ClassNames)}, and {Source} has {string.Join(", ", names)}: "
                        + "it learned from another set."
                )
            : names;
    }

    /// <inheritdoc/>
    public void Dispose() => Input.Dispose();
}

using System.Globalization;
using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>Loads the picture set that a caller names, or a default that is reported.</summary>
public static class DataSets
{
    /// <summary>What can be chosen.</summary>
    public static IReadOnlyList<string> Choices { get; } = ["auto", "cifar10", Shapes, "folder"];

    /// <summary>The word for the built-in set.</summary>
    public const string Shapes = "shapes";

    /// <summary>
    /// Loads the set that a path names: the word <c>shapes</c> for the built-in one, a folder that holds CIFAR-10, or a folder
    /// with a subfolder of pictures for each class, which are brought to 32×32 unless the options name a size.
    /// </summary>
    /// <param name="source">The path; <c>./shapes</c> is a folder of that name.</param>
    /// <param name="say">Receives one line for each fact: how a folder was split, what was left out and why, and last which set
    /// is used.</param>
    /// <param name="folder">How a folder's pictures are read; null for the defaults.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    /// <exception cref="FileNotFoundException">The path names no picture set.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static DataSet Load(string source, Action<string> say, ImageFolderOptions? folder = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Length == 0)
        {
            throw new ArgumentException($"Name a folder with pictures, or {Shapes} for the built-in set.", nameof(source));
        }

        string[] folders = Directory.Exists(source) ? [.. Directory.EnumerateDirectories(source)] : [];
        bool hasCifar10 = folders.Any(folder => Path.GetFileName(folder) == Cifar10Folder.Name);
        string choice =
            source == Shapes ? Shapes
            : hasCifar10 ? "cifar10"
            : folders.Length > 0 ? "folder"
            : throw new FileNotFoundException(
                $"{source} {(File.Exists(source) ? "is a file" : Directory.Exists(source) ? "holds no picture set" : "does not exist")}. "
                    + $"A set is a folder that holds {Cifar10Folder.Name}, which `data download --data {source}` or "
                    + $"{nameof(Cifar10)}.{nameof(Cifar10.DownloadAsync)} fetches, or a subfolder of pictures for each class; "
                    + $"{Shapes} is the built-in one."
            );
        return Load(source, choice, say, folder);
    }

    /// <summary>Loads a picture set.</summary>
    /// <param name="root">The folder that may hold CIFAR-10, or holds your own pictures.</param>
    /// <param name="choice">
    /// <c>cifar10</c>, <c>shapes</c> for the built-in set, <c>auto</c>: CIFAR-10 when it lies under the root, else the built-in
    /// set; or <c>folder</c>: the root's own pictures, one subfolder a class.
    /// </param>
    /// <param name="say">Receives one line that says which set is used and why; for a folder also what was left out.</param>
    /// <param name="pictures">How a folder's pictures are read; null for the defaults, 32×32.</param>
    /// <exception cref="ArgumentException">There is no such choice.</exception>
    /// <exception cref="FileNotFoundException">CIFAR-10 was asked for and is not there; see <see cref="Cifar10.Load"/> and
    /// <see cref="ImageFolder.Load"/> for what else can be wrong.</exception>
    public static DataSet Load(string root, string choice, Action<string> say, ImageFolderOptions? pictures = null)
    {
        ArgumentNullException.ThrowIfNull(say);
        var folder = new Cifar10Folder(root);
        (DataSet set, string why) = choice switch
        {
            "cifar10" => (Cifar10.Load(root), "as asked"),
            "folder" => (ImageFolder.Load(root, pictures, say), $"from {Path.GetFullPath(root)}"),
            Shapes => (ShapeSet.Create(), "the built-in set, as asked"),
            "auto" when Cifar10.IsPresent(root) => (Cifar10.Load(root), $"found in {Path.GetFullPath(root)}"),

            // Somebody meant to use the folder: say why it is not used.
            "auto" when Directory.Exists(folder.Path) => (
                ShapeSet.Create(),
                $"the built-in set, since CIFAR-10 in {Path.GetFullPath(root)} is incomplete: {folder.Defect()?.TrimEnd('.')}"
            ),
            "auto" when HoldsPictureFolders(root) => (
                ShapeSet.Create(),
                $"the built-in set, since there is no CIFAR-10 in {Path.GetFullPath(root)}; choose 'folder' for the folders of "
                    + "pictures there"
            ),
            "auto" => (ShapeSet.Create(), $"the built-in set, since there is no CIFAR-10 in {Path.GetFullPath(root)}"),
            _ => throw new ArgumentException(
                $"'{Excerpt.Of(choice)}' is not a picture set: choose one of {string.Join(", ", Choices)}.",
                nameof(choice)
            ),
        };
        say(Described(set, why));
        return set;
    }

    /// <summary>
    /// Whether several folders at the top, or right below it, have pictures in them. No more is looked at: the root may be
    /// anything.
    /// </summary>
    private static bool HoldsPictureFolders(string root)
    {
        if (!Directory.Exists(root))
        {
            return false;
        }

        var leftOut = new LeftOut(root);
        return leftOut
                .FoldersIn(root)
                .SelectMany(folder => leftOut.FoldersIn(folder).Prepend(folder))
                .Count(folder => leftOut.FilesIn(folder).Any(PictureFiles.IsPicture)) > 1;
    }

    /// <summary>A set in a sentence: how many pictures of how many classes, and where they come from.</summary>
    internal static string Described(DataSet set, string why) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{set.Name}: {set.Train.Count:N0} "
                + $"training{(set.Validation is { } held ? string.Create(CultureInfo.InvariantCulture, $", {held.Count:N0} validation") : "")} "
                + $"and {set.Test.Count:N0} test pictures, {set.ClassNames.Count} classes ({why})."
        );
}

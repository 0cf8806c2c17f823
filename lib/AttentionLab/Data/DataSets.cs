using System.Globalization;
using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>Which picture set is used: the caller's choice, with a default that is said aloud.</summary>
public static class DataSets
{
    /// <summary>What can be chosen.</summary>
    public static IReadOnlyList<string> Choices { get; } = ["auto", "cifar10", "shapes", "folder"];

    /// <summary>Loads a picture set.</summary>
    /// <param name="root">The folder that may hold CIFAR-10, or holds your own pictures.</param>
    /// <param name="choice">
    /// <c>cifar10</c>, <c>shapes</c> for the built-in set, <c>auto</c>: CIFAR-10 when it lies under the root, else the built-in
    /// set; or <c>folder</c>: the root's own pictures at 32×32, one subfolder a class (<see cref="ImageFolder"/> has other
    /// sizes).
    /// </param>
    /// <param name="say">Is told in one line which set it is, and why; for a folder also what was left out.</param>
    /// <exception cref="ArgumentException">There is no such choice.</exception>
    /// <exception cref="FileNotFoundException">CIFAR-10 was asked for and is not there; see <see cref="Cifar10.Load"/> and
    /// <see cref="ImageFolder.Load"/> for what else can be wrong.</exception>
    public static DataSet Load(string root, string choice, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(say);
        var folder = new Cifar10Folder(root);
        (DataSet set, string why) = choice switch
        {
            "cifar10" => (Cifar10.Load(root), "as asked"),
            "folder" => (ImageFolder.Load(root, say: say), $"from {Path.GetFullPath(root)}"),
            "shapes" => (ShapeSet.Create(), "the built-in set, as asked"),
            "auto" when Cifar10.IsPresent(root) => (Cifar10.Load(root), $"found in {Path.GetFullPath(root)}"),

            // Somebody meant to use a folder that is there: the reason why it is not is worth saying.
            "auto" when Directory.Exists(folder.Path) => (
                ShapeSet.Create(),
                $"the built-in set, since CIFAR-10 in {Path.GetFullPath(root)} is not whole: {folder.Defect()?.TrimEnd('.')}"
            ),
            "auto" when HoldsPictureFolders(root) => (
                ShapeSet.Create(),
                $"the built-in set, since there is no CIFAR-10 in {Path.GetFullPath(root)}; choose 'folder' for the folders of "
                    + "pictures there"
            ),
            "auto" => (ShapeSet.Create(), $"the built-in set, since there is no CIFAR-10 in {Path.GetFullPath(root)}"),
            _ => throw new ArgumentException(
                $"There is no picture set '{Excerpt.Of(choice)}'; choose one of {string.Join(", ", Choices)}.",
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

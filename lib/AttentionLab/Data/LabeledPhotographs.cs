namespace AttentionLab.Data;

/// <summary>Photographs at their own sizes, in a folder for each class; they are read one by one, when asked for.</summary>
/// <param name="Name">What the set is called.</param>
/// <param name="ClassNames">The folders' names, by which the labels count.</param>
/// <param name="Files">Each photograph's file and label.</param>
public sealed record LabeledPhotographs(
    string Name,
    IReadOnlyList<string> ClassNames,
    IReadOnlyList<(string File, int Label)> Files
)
{
    /// <summary>Finds the photographs below a folder. Of a set that is split already the training part is taken.</summary>
    /// <param name="folder">With a subfolder of photographs for each class.</param>
    /// <param name="say">Receives one line for each fact: what was left out and why.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">There are no classes, or a class has no photographs.</exception>
    public static LabeledPhotographs Find(string folder, Action<string>? say = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        say ??= _ => { };
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The folder {Path.GetFullPath(folder)} does not exist.");
        }

        var leftOut = new LeftOut(folder);
        ClassFolders found = SplitFolders.Among([.. leftOut.FoldersIn(folder)]).Any
            ? PictureParts.Find(folder, new ImageFolderOptions(), leftOut, say).Train
            : ClassFolders.Find(folder, leftOut);
        foreach (string sentence in leftOut.Sentences())
        {
            say(sentence);
        }

        return new LabeledPhotographs(
            Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
            found.Classes,
            [.. found.Files.Select(file => (file.Path, file.Label))]
        );
    }
}

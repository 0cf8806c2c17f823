namespace AttentionLab.Data;

/// <summary>The classes and picture files below a folder.</summary>
internal sealed record ClassFolders(string Root, IReadOnlyList<string> Classes, IReadOnlyList<(string Path, int Label)> Files)
{
    /// <summary>Looks for them: every folder in the root is a class.</summary>
    /// <exception cref="InvalidDataException">There are none, or a class has no pictures.</exception>
    public static ClassFolders Find(string root, LeftOut leftOut) => Find(root, [.. leftOut.FoldersIn(root)], leftOut);

    /// <summary>Looks into some folders of the root, each a class.</summary>
    /// <inheritdoc cref="Find(string, LeftOut)"/>
    public static ClassFolders Find(string root, IReadOnlyList<string> folders, LeftOut leftOut)
    {
        if (folders.Count == 0)
        {
            throw new InvalidDataException($"{root} has no subfolders: each class of pictures needs one, named as the class.");
        }

        string[] classes = [.. folders.Select(folder => Path.GetFileName(folder)!)];
        leftOut.AddLoose(leftOut.FilesIn(root));
        var files = new List<(string Path, int Label)>();
        for (int label = 0; label < folders.Count; label++)
        {
            files.AddRange(PicturesIn(folders[label], root, leftOut).Select(path => (path, label)));
        }

        return new ClassFolders(root, classes, files);
    }

    /// <summary>Looks into one part of each class, where the parts lie inside the classes: <c>root/cat/train</c>.</summary>
    /// <param name="root">The folder of the classes.</param>
    /// <param name="parts">For each class its name and the part's folder; null where the class lacks it.</param>
    /// <param name="leftOut">Receives the files that are not pictures.</param>
    public static ClassFolders FindParts(string root, IReadOnlyList<(string Class, string? Folder)> parts, LeftOut leftOut) =>
        new(
            root,
            [.. parts.Select(part => part.Class)],
            [
                .. parts.SelectMany(
                    (part, label) =>
                        part.Folder is { } folder ? PicturesIn(folder, root, leftOut).Select(path => (path, label)) : []
                ),
            ]
        );

    /// <summary>The same files with labels of a list that holds all their classes.</summary>
    public ClassFolders WithClasses(IReadOnlyList<string> classes)
    {
        int[] labels = [.. Classes.Select(name => classes.ToList().IndexOf(name))];
        return this with { Classes = classes, Files = [.. Files.Select(file => (file.Path, labels[file.Label]))] };
    }

    /// <summary>Whether a picture lies in a folder, or below it.</summary>
    public static bool HoldsPictures(string folder, LeftOut leftOut) =>
        FoldersFrom(folder, [], leftOut).SelectMany(leftOut.FilesIn).Any(PictureFiles.IsPicture);

    private static string[] PicturesIn(string folder, string root, LeftOut leftOut)
    {
        string[] all = [.. FoldersFrom(folder, [Resolved(root)], leftOut).SelectMany(leftOut.FilesIn)],
            pictures = [.. all.Where(PictureFiles.IsPicture)],
            others = [.. all.Except(pictures)];
        leftOut.AddOtherFormats(others);
        return pictures.Length > 0
            ? pictures
            : throw new InvalidDataException(
                $"{folder} has no pictures that can be read "
                    + $"({string.Join(", ", ImageFolder.Extensions)}){(others.Length > 0 ? $", but {LeftOut.ByEnding(others)}" : "")}, "
                    + $"and every subfolder of {root} is a class. Convert them, or move the folder away."
            );
    }

    /// <summary>A folder and all below it, sorted by path as a whole, as torchvision has it.</summary>
    private static string[] FoldersFrom(string folder, string[] above, LeftOut leftOut)
    {
        string here = Resolved(folder);
        if (above.Contains(here))
        {
            leftOut.AddCircle(folder);
            return [];
        }

        string[] below = [.. leftOut.FoldersIn(folder).SelectMany(sub => FoldersFrom(sub, [.. above, here], leftOut))];
        return [.. below.Prepend(folder).OrderBy(path => path.Replace('\\', '/'), StringComparer.Ordinal)];
    }

    private static string Resolved(string folder) =>
        new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(folder);
}

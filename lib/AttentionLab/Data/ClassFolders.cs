namespace AttentionLab.Data;

/// <summary>The classes and picture files below a folder.</summary>
internal sealed record ClassFolders(string Root, IReadOnlyList<string> Classes, IReadOnlyList<(string Path, int Label)> Files)
{
    /// <summary>Looks for them.</summary>
    /// <exception cref="InvalidDataException">There are none, a class has no pictures, or a link leads back to a folder above itself.</exception>
    public static ClassFolders Find(string root, Action<string> say)
    {
        string[] folders = [.. SubfoldersOf(root)];
        if (folders.Length == 0)
        {
            throw new InvalidDataException($"{root} has no subfolders: each class of pictures needs one, named as the class.");
        }

        string[] classes = [.. folders.Select(folder => Path.GetFileName(folder)!)];
        var files = new List<(string Path, int Label)>();
        var others = new List<string>(FilesIn(root)); // pictures beside the classes belong to none
        for (int label = 0; label < folders.Length; label++)
        {
            string[] all = [.. FoldersFrom(folders[label], [Resolved(root)]).SelectMany(FilesIn)];
            string[] pictures = [.. all.Where(IsPicture)];
            if (pictures.Length == 0)
            {
                throw new InvalidDataException(
                    $"{folders[label]} has no pictures ({string.Join(", ", ImageFolder.Extensions)}), and every subfolder of {root} is a class."
                );
            }

            files.AddRange(pictures.Select(path => (path, label)));
            others.AddRange(all.Where(path => !IsPicture(path)));
        }

        if (others.Count > 0)
        {
            say(
                $"Left out, since they are no pictures by their names, or lie in no class: {ImageFolder.Shown([.. others.Select(path => Path.GetRelativePath(root, path))], ", ")}."
            );
        }

        return new ClassFolders(root, classes, files);
    }

    /// <summary>The same files with labels of a list that holds all their classes.</summary>
    public ClassFolders WithClasses(IReadOnlyList<string> classes)
    {
        int[] labels = [.. Classes.Select(name => classes.ToList().IndexOf(name))];
        return this with { Classes = classes, Files = [.. Files.Select(file => (file.Path, labels[file.Label]))] };
    }

    /// <summary>Folders in a folder that are not hidden, by name.</summary>
    public static IEnumerable<string> SubfoldersOf(string folder) => Visible(Directory.EnumerateDirectories(folder));

    private static IEnumerable<string> FilesIn(string folder) => Visible(Directory.EnumerateFiles(folder));

    /// <summary>A folder and all below it, sorted by path as a whole, as torchvision has it.</summary>
    private static string[] FoldersFrom(string folder, string[] above)
    {
        string here = Resolved(folder);
        if (above.Contains(here))
        {
            throw new InvalidDataException($"{folder} is a link that leads back to {here}, in which it lies.");
        }

        string[] below = [.. SubfoldersOf(folder).SelectMany(sub => FoldersFrom(sub, [.. above, here]))];
        return [.. below.Prepend(folder).OrderBy(path => path.Replace('\\', '/'), StringComparer.Ordinal)];
    }

    private static string Resolved(string folder) =>
        new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(folder);

    private static IEnumerable<string> Visible(IEnumerable<string> paths) =>
        paths
            .Where(path => !Path.GetFileName(path).StartsWith('.') && (File.GetAttributes(path) & FileAttributes.Hidden) == 0)
            .OrderBy(path => Path.GetFileName(path), StringComparer.Ordinal);

    private static bool IsPicture(string path) =>
        ImageFolder.Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
}

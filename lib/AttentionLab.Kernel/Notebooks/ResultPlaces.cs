using AttentionLab.Kernel.Html;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>
/// Where each notebook's result goes: below the output folder as the notebooks lie below the folder that all of them share.
/// </summary>
internal static class ResultPlaces
{
    private static readonly StringComparison AsFileSystem = OperatingSystem.IsLinux()
        ? StringComparison.Ordinal
        : StringComparison.OrdinalIgnoreCase;

    /// <summary>The results' paths, in the order of the sources.</summary>
    /// <param name="sources">Full paths of the notebooks.</param>
    /// <param name="folder">The full path of the output folder.</param>
    /// <exception cref="ParameterException">A result would replace a notebook that is not a result.</exception>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> sources, string folder)
    {
        string[] relative = Below([.. sources.Select(Parts)]);
        var targets = new List<string>();
        for (int i = 0; i < sources.Count; i++)
        {
            string target = Path.ChangeExtension(Path.Combine(folder, relative[i]), ".ipynb");
            if (targets.Exists(other => string.Equals(other, target, StringComparison.OrdinalIgnoreCase)))
            {
                target = Path.Combine(folder, relative[i]) + ".ipynb"; // a.dib beside a.ipynb
            }

            targets.Add(target);
        }

        string[] originals = [.. sources.Select(Resolved)];
        foreach (string target in targets)
        {
            if (originals.Any(original => string.Equals(original, Resolved(target), AsFileSystem)))
            {
                throw new ParameterException($"{target} would be overwritten by its own result. Name another folder with --out.");
            }

            if (File.Exists(target) && !File.Exists(HtmlPage.PathFor(target)))
            {
                throw new ParameterException(
                    $"{target} would be overwritten, and is not the result of an earlier run. Name another folder with --out."
                );
            }
        }

        return targets;
    }

    /// <summary>
    /// Paths relative to the folder that all share. Paths of several drives begin with the drive's letter, as a folder.
    /// </summary>
    public static string[] Below(IReadOnlyList<(string Root, string[] Parts)> paths)
    {
        string[] roots = [.. paths.Select(path => path.Root).Distinct(StringComparer.OrdinalIgnoreCase)];
        int shared = 0;
        while (
            paths.All(path =>
                shared < path.Parts.Length - 1 && string.Equals(path.Parts[shared], paths[0].Parts[shared], AsFileSystem)
            )
        )
        {
            shared++;
        }

        return roots.Length == 1
            ? [.. paths.Select(path => Path.Combine(path.Parts[shared..]))]
            : [.. paths.Select(path => Path.Combine([AsFolder(path.Root), .. path.Parts]))];
    }

    private static string AsFolder(string root) =>
        string.Concat(root.Where(char.IsLetterOrDigit)) is { Length: > 0 } name ? name : "_";

    private static (string Root, string[] Parts) Parts(string path)
    {
        string root = Path.GetPathRoot(path) ?? "";
        return (
            root,
            path[root.Length..]
                .Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries)
        );
    }

    // Links followed: two names of one place are one place.
    private static string Resolved(string path)
    {
        (string current, string[] parts) = Parts(path);
        foreach (string part in parts)
        {
            current = Path.Combine(current, part);
            FileSystemInfo entry = Directory.Exists(current) ? new DirectoryInfo(current) : new FileInfo(current);
            if (entry.Exists && entry.LinkTarget is not null)
            {
                current = Resolved(entry.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
            }
        }

        return current;
    }
}

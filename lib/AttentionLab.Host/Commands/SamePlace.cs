namespace AttentionLab.Host.Commands;

/// <summary>
/// Whether two paths are one place, as the file system sees it: links, and capital letters where they make no difference.
/// </summary>
internal static class SamePlace
{
    /// <summary>Compares paths of files or folders, which need not be there yet.</summary>
    public static bool Are(string a, string b)
    {
        (a, b) = (Resolved(a), Resolved(b));
        return a == b
            || (string.Equals(Normal(a), Normal(b), StringComparison.OrdinalIgnoreCase) && IgnoresCase(NearestFolder(a)));
    }

    /// <summary>The full path with what is linked in its place.</summary>
    private static string Resolved(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string? above = Path.GetDirectoryName(full);
        if (above is null)
        {
            return full;
        }

        string here = Path.Combine(Resolved(above), Path.GetFileName(full));
        FileSystemInfo entry = Directory.Exists(here) ? new DirectoryInfo(here) : new FileInfo(here);
        return entry.Exists && entry.ResolveLinkTarget(returnFinalTarget: true) is { } target
            ? Path.TrimEndingDirectorySeparator(target.FullName)
            : here;
    }

    /// <summary>macOS takes a letter with an accent as one character or as two.</summary>
    private static string Normal(string path) => path.Normalize();

    private static string NearestFolder(string path)
    {
        string folder = path;
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } above)
        {
            folder = above;
        }

        return folder;
    }

    /// <summary>Tries it with a file, since a folder of Windows or Linux may be set either way.</summary>
    private static bool IgnoresCase(string folder)
    {
        string probe = Path.Combine(folder, $".{Guid.NewGuid():N}.partial");
        try
        {
            using var file = new FileStream(
                probe,
                FileMode.CreateNew,
                FileAccess.Write,
                FileShare.None,
                1,
                FileOptions.DeleteOnClose
            );
            return File.Exists(Path.Combine(folder, Path.GetFileName(probe).ToUpperInvariant()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return !OperatingSystem.IsLinux();
        }
    }
}

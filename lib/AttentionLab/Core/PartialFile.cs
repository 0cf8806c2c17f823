using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace AttentionLab.Core;

/// <summary>A file that is being written, beside its place: <c>.weights.safetensors.GUID.partial</c>.</summary>
internal static partial class PartialFile
{
    private static readonly ConcurrentDictionary<string, bool> Seen = new();

    /// <summary>A path for what shall become a file.</summary>
    public static string For(string path) =>
        Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.partial");

    /// <summary>
    /// Begins it. While it is open it can be renamed, but not opened by another: that tells it from one that a killed process
    /// left, on Windows by the system's own rule, elsewhere by the lock that .NET puts on each open file.
    /// </summary>
    public static FileStream Create(string partial) =>
        new(partial, FileMode.CreateNew, FileAccess.Write, FileShare.Delete, bufferSize: 1 << 16);

    /// <summary>Deletes what killed processes left in a folder, when it is seen for the first time.</summary>
    public static void DeleteLeftBehind(string folder)
    {
        if (Seen.TryAdd(Path.GetFullPath(folder), true))
        {
            DeleteLeftBehindNow(folder);
        }
    }

    /// <summary>Deletes what killed processes left in a folder.</summary>
    public static void DeleteLeftBehindNow(string folder)
    {
        foreach (
            string file in Directory.EnumerateFiles(folder, ".*.partial").Where(path => Name().IsMatch(Path.GetFileName(path)))
        )
        {
            try
            {
                using var alone = new FileStream(
                    file,
                    FileMode.Open,
                    FileAccess.ReadWrite,
                    FileShare.None,
                    bufferSize: 1,
                    FileOptions.DeleteOnClose
                );
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is being written, or somebody else's.
            }
        }
    }

    [GeneratedRegex(@"^\..+\.[0-9a-f]{32}\.partial$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}

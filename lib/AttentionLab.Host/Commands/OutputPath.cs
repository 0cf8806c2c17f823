using System.CommandLine;
using AttentionLab.Kernel.Commands;

namespace AttentionLab.Host.Commands;

/// <summary>Where results go, looked at before the work is done that makes them.</summary>
internal static class OutputPath
{
    /// <summary>A folder, which need not be there yet.</summary>
    /// <param name="option">Which one names it, for messages.</param>
    /// <param name="path">As named.</param>
    /// <returns>The full path.</returns>
    /// <exception cref="UsageException">A file is there.</exception>
    /// <exception cref="IOException">Nothing can be written there.</exception>
    public static string Folder(Symbol option, string path)
    {
        string full = Path.GetFullPath(path);
        CheckFolder(option.Name, full);
        return full;
    }

    /// <summary>A file, which is replaced where it is there.</summary>
    /// <param name="option">Which one names it, for messages.</param>
    /// <param name="path">As named.</param>
    /// <returns>The full path.</returns>
    /// <exception cref="UsageException">A folder is there.</exception>
    /// <exception cref="IOException">Nothing can be written there.</exception>
    public static string File(Symbol option, string path)
    {
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            throw new UsageException($"{option.Name}: {full} is a folder; name a file.");
        }

        CheckFolder(option.Name, Path.GetDirectoryName(full)!);
        return full;
    }

    /// <summary>Tries the folder, or the nearest one above it that is there.</summary>
    private static void CheckFolder(string option, string folder)
    {
        if (System.IO.File.Exists(folder))
        {
            throw new UsageException($"{option}: {folder} is a file; name a folder.");
        }

        if (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } above)
        {
            CheckFolder(option, above);
            return;
        }

        try
        {
            using FileStream probe = System.IO.File.Create(
                Path.Combine(folder, $".{Guid.NewGuid():N}.partial"),
                1,
                FileOptions.DeleteOnClose
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{option}: nothing can be written to {folder}. Name another place, or change who may write there.",
                e
            );
        }
    }
}

using System.Globalization;
using AttentionLab.Kernel.Workers;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// Temporary files and folders whose names hold the process that made them: a start of something, the process id, a hyphen and
/// more. One that was killed leaves its own behind; the next that starts clears it away.
/// </summary>
internal static class LeftBehind
{
    // Folders of versions that wrote no process into the name; no package takes so long to restore.
    private static readonly TimeSpan Old = TimeSpan.FromDays(1);

    /// <summary>Whether a file or folder was made by a process that is gone, or so long ago that it must be.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="start">What its name starts with, before the process id.</param>
    public static bool Is(string path, string start) =>
        ProcessOf(path, start) is { } id ? !IsRunning(id) : DateTime.UtcNow - Directory.GetLastWriteTimeUtc(path) > Old;

    /// <summary>Deletes what was left behind in a folder, as far as it belongs to this user.</summary>
    /// <param name="paths">The files and folders that may be.</param>
    /// <param name="start">What their names start with.</param>
    public static void Clear(IEnumerable<string> paths, string start)
    {
        foreach (string path in paths)
        {
            try
            {
                if (!Is(path, start))
                {
                    continue;
                }

                if (ProcessOf(path, start) is { } id)
                {
                    RuntimeFiles.Delete(id);
                }

                if (Directory.Exists(path))
                {
                    Directory.Delete(path, recursive: true);
                }
                else
                {
                    File.Delete(path);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another user's, or another process clears it at this moment.
            }
        }
    }

    private static int? ProcessOf(string path, string start) =>
        int.TryParse(
            Path.GetFileName(path)[start.Length..].Split('-')[0],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out int id
        )
            ? id
            : null;

    private static bool IsRunning(int process)
    {
        try
        {
            using var found = System.Diagnostics.Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}

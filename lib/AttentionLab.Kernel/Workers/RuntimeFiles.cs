using System.Globalization;

namespace AttentionLab.Kernel.Workers;

/// <summary>
/// What .NET keeps in the temporary folder for debuggers and profilers while a process runs, and leaves there when that is
/// killed or ends by <see cref="ProcessEnd"/>: a socket and two pipes. On Windows they are no files.
/// </summary>
internal static class RuntimeFiles
{
    /// <summary>Deletes those of a process that is gone, or is about to go.</summary>
    public static void Delete(int process)
    {
        string id = process.ToString(CultureInfo.InvariantCulture);
        try
        {
            string[] left =
            [
                .. Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{id}-*-socket"),
                .. Directory.GetFiles(Path.GetTempPath(), $"clr-debug-pipe-{id}-*"),
            ];
            foreach (string file in left)
            {
                File.Delete(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder is gone, or the process was another user's: they hold nothing.
        }
    }
}

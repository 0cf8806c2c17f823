using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>
/// Keeps the last words of a kernel that dies in native code. Descriptor 2 leads into <c>tee</c>, another process, which
/// outlives the kernel: it passes everything on to the real standard error, and keeps it in a file. A kernel that ends in order
/// deletes the file; if it is still there in the end, a last line on standard error names it. Linux and macOS; on Windows,
/// standard error is left as it is, and what was said last stands there.
/// </summary>
internal sealed class CrashLog : IDisposable
{
    private const string Script = """
        trap '' INT TERM HUP
        tee -ai "$0" >&2
        if [ -s "$0" ]; then echo "The kernel ended unexpectedly. What it said last is kept in $0" >&2
        elif [ -e "$0" ]; then rm -f "$0"; echo "The kernel ended unexpectedly and without a word." >&2; fi
        """;

    private const string Start = "attentionlab-kernel-";

    private readonly string _path;

    [UnsupportedOSPlatform("windows")]
    private CrashLog(string folder)
    {
        _path = Path.Combine(folder, $"{Start}{Environment.ProcessId}-{Guid.NewGuid():N}.log");
        new FileStream(
            _path,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        ).Dispose();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose(); // a cell may call Environment.Exit
        Process tee = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Script, _path]) { RedirectStandardInput = true })!;
        if (tee.StandardInput.BaseStream is PipeStream pipe && dup2((int)pipe.SafePipeHandle.DangerousGetHandle(), 2) >= 0)
        {
            tee.StandardInput.Dispose();
        }
    }

    /// <summary>Starts to keep what is written to standard error; null where that cannot be done.</summary>
    /// <param name="log">Takes a line on why not.</param>
    public static CrashLog? TryStart(Action<string> log)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        string? reason = null;
        foreach (string folder in new[] { Path.GetTempPath(), "/tmp" }.Distinct())
        {
            try
            {
                DeleteEmpty(folder);
                return new CrashLog(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
            {
                reason ??= e.Message;
            }
        }

        log($"The kernel's last words will not be kept in a file: {reason}");
        return null;
    }

    // A kernel that was killed together with its shell leaves an empty file; one with last words in it is for the reader.
    private static void DeleteEmpty(string folder) =>
        LeftBehind.Clear(
            Directory.EnumerateFiles(folder, $"{Start}*.log").Where(path => new FileInfo(path) is { Exists: true, Length: 0 }),
            Start
        );

    /// <summary>The kernel ends in order: nothing needs to be kept.</summary>
    public void Dispose() => File.Delete(_path);

    [DllImport("libc", SetLastError = true)]
    private static extern int dup2(int from, int to);
}

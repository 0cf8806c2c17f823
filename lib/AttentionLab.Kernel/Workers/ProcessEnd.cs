using System.Runtime.InteropServices;

namespace AttentionLab.Kernel.Workers;

/// <summary>Ends this process.</summary>
internal static class ProcessEnd
{
    /// <summary>
    /// At once, whatever cells left running: C's own way out would tear down torch below threads that still compute, and crash.
    /// </summary>
    public static void Now(int code)
    {
        if (OperatingSystem.IsWindows())
        {
            Environment.Exit(code);
        }

        RuntimeFiles.Delete(Environment.ProcessId);
        _exit(code);
    }

    [DllImport("libc")]
    private static extern void _exit(int code);
}

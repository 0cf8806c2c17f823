using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AttentionLab.Core;

/// <summary>
/// glibc gives large freed buffers back to the kernel, which hands them out again page by page, zeroed: each training step then
/// pays for a quarter of a million page faults, and its time jumps between 40 and 140 ms. Kept in the process, the buffers of
/// one step serve the next. Other C libraries are left alone.
/// </summary>
internal static partial class NativeHeap
{
    // Parameters of mallopt(3). It refuses a mapping threshold above half its largest heap, 32 MB.
    private const int TrimThreshold = -1,
        TopPad = -2,
        MmapThreshold = -3,
        Megabyte = 1 << 20;

    private static readonly Lazy<bool> Kept = new(Keep);

    private static long _tidied;

    /// <summary>Tells glibc once to keep freed memory; returns whether glibc is there.</summary>
    public static bool KeepFreedMemory() => Kept.Value;

    private static bool Keep() =>
        OperatingSystem.IsLinux()
        && NativeLibrary.TryLoad("libc.so.6", out nint library)
        && NativeLibrary.TryGetExport(library, "mallopt", out _)
        && SetOption(MmapThreshold, 32 * Megabyte) != 0
        && SetOption(TrimThreshold, 2047 * Megabyte) != 0
        && SetOption(TopPad, 64 * Megabyte) != 0;

    /// <summary>
    /// Keeps a long run's memory from growing: frees what only unreachable objects hold (TorchSharp leaves its scalars, which
    /// every sum of tensors makes, to the garbage collector), and gives the system the free pages that lie in pieces too small
    /// for a step's buffers. Does so at most once a second: what the next step needs again comes back page by page, which takes
    /// some hundredths of a second.
    /// </summary>
    public static void Tidy()
    {
        if (!KeepFreedMemory() || (_tidied != 0 && Stopwatch.GetElapsedTime(_tidied) < TimeSpan.FromSeconds(1)))
        {
            return;
        }

        _tidied = Stopwatch.GetTimestamp();
        GC.Collect(generation: 1);
        GC.WaitForPendingFinalizers();
        _ = Trim(0);
    }

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint kept);

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int SetOption(int parameter, int value);
}

namespace AttentionLab.Core;

/// <summary>
/// Renames that fail because somebody holds the target for a moment: on Windows a virus scanner, an indexer, a viewer that has it
/// mapped into memory.
/// </summary>
internal static class Patience
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);

    // About 2.5 s in all.
    private const int Attempts = 8;

    /// <summary>Tries a rename for about two seconds.</summary>
    /// <param name="rename">Leaves everything as it was when it fails.</param>
    /// <param name="target">What is replaced, named in the error.</param>
    /// <exception cref="IOException">It is still held, or cannot be replaced for another reason.</exception>
    public static void Replace(Action rename, string target) => Replace(rename, target, IsHeld, FirstPause);

    /// <summary>The same for any reason to wait.</summary>
    internal static void Replace(Action rename, string target, Func<Exception, bool> isHeld, TimeSpan firstPause)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                rename();
                return;
            }
            catch (Exception e) when (isHeld(e))
            {
                if (attempt == Attempts)
                {
                    throw new IOException(
                        $"{target} cannot be replaced: another program has it open, or scans it. Close it there, and call again.",
                        e
                    );
                }
            }

            Thread.Sleep(firstPause * (1 << (attempt - 1)));
        }
    }

    // Access denied, sharing violation, lock violation, busy, mapped section; elsewhere an open file can be replaced, but one
    // that runs may be busy.
    private static bool IsHeld(Exception e) =>
        e is IOException or UnauthorizedAccessException
        && (OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 5 or 32 or 33 or 170 or 1224 : e.HResult is 16 or 26);
}

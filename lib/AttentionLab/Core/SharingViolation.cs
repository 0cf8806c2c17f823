namespace AttentionLab.Core;

/// <summary>What the system answers when another process holds a file open for itself.</summary>
internal static class SharingViolation
{
    /// <summary>Whether an error says so: ERROR_SHARING_VIOLATION on Windows, EWOULDBLOCK on Linux and macOS.</summary>
    public static bool Is(IOException error) =>
        (error.HResult & 0xFFFF)
        == (
            OperatingSystem.IsWindows() ? 32
            : OperatingSystem.IsLinux() ? 11
            : 35
        );
}

namespace AttentionLab.Data;

/// <summary>Files and folders that nobody put there: what is hidden, and what systems and programs leave behind.</summary>
internal static class PassedOver
{
    private static readonly HashSet<string> LeftBehind = new(StringComparer.OrdinalIgnoreCase)
    {
        "__MACOSX",
        "Thumbs.db",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "desktop.ini",
        "Icon\r",
        "$RECYCLE.BIN",
        "System Volume Information",
        "lost+found",
        "@eaDir",
        "#recycle",
        "__pycache__",
    };

    /// <summary>Whether a file or folder is such a one. A name that begins with a dot is hidden.</summary>
    public static bool Is(string path)
    {
        string name = Path.GetFileName(path);
        return name.StartsWith('.')
            || LeftBehind.Contains(name)
            || (AttributesOf(path) & (FileAttributes.Hidden | FileAttributes.System)) != 0;
    }

    /// <summary>
    /// None where the file cannot be found again: it is gone, or its name is not UTF-8. The reader reports it.
    /// </summary>
    private static FileAttributes AttributesOf(string path)
    {
        FileSystemInfo entry = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        return entry.Exists ? entry.Attributes : FileAttributes.None;
    }
}

using System.Text;

namespace AttentionLab.Core;

/// <summary>
/// Writes a file beside its place and renames it into it: there is the old file or the new one, never half of one. What a killed
/// process left beside the place is deleted when the next one writes into the folder.
/// </summary>
internal static class AtomicFile
{
    /// <summary>Writes a file; missing folders are made, an existing file is replaced.</summary>
    /// <exception cref="IOException">It cannot be written, or another program holds the file that is to be replaced.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        PartialFile.DeleteLeftBehind(folder);
        string partial = PartialFile.For(path);
        try
        {
            // Open until it has its place, so that nobody takes it for left behind.
            using FileStream file = PartialFile.Create(partial);
            write(file);
            file.Flush();
            Patience.Replace(() => File.Move(partial, path, overwrite: true), path);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Writes text as UTF-8 without a mark.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void Write(string path, ReadOnlyMemory<byte> bytes) => Write(path, file => file.Write(bytes.Span));
}

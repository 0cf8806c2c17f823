using System.Text.RegularExpressions;
using AttentionLab.Core;

namespace AttentionLab.Host.Commands;

/// <summary>
/// A folder that a command writes to, alone (<see cref="WriterLock"/>): a second command that names it is refused with who holds
/// it. Half-written files that a killed command left in it are deleted by the next one.
/// </summary>
internal sealed partial class OutputFolder : IDisposable
{
    private readonly WriterLock _lock;

    private OutputFolder(string path, WriterLock held) => (Path, _lock) = (path, held);

    /// <summary>The folder, in full.</summary>
    public string Path { get; }

    /// <summary>Takes a folder, which is made if need be, until this is disposed of.</summary>
    /// <exception cref="InUseException">Another process holds it; the message says which.</exception>
    /// <exception cref="IOException">Nothing can be written there.</exception>
    public static OutputFolder Take(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        WriterLock held = WriterLock.ForFolder(full);
        DeleteLeftBehind(full);
        return new OutputFolder(full, held);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    /// <summary>Half-written files of the folder and of those in it. Whoever writes one holds it open, and it stays.</summary>
    private static void DeleteLeftBehind(string folder)
    {
        var below = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = 2,
            IgnoreInaccessible = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
        };
        foreach (
            string file in Directory
                .EnumerateFiles(folder, ".*.partial", below)
                .Where(file => PartialName().IsMatch(System.IO.Path.GetFileName(file)))
        )
        {
            try
            {
                using var alone = new FileStream(
                    file,
                    FileMode.Open,
                    FileAccess.ReadWrite,
                    FileShare.None,
                    bufferSize: 1,
                    FileOptions.DeleteOnClose
                );
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody else's.
            }
        }
    }

    [GeneratedRegex(@"^\.(.+\.)?[0-9a-f]{32}\.partial$", RegexOptions.CultureInvariant)]
    private static partial Regex PartialName();
}

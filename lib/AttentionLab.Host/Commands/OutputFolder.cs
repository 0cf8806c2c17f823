using System.Globalization;
using System.Text.RegularExpressions;

namespace AttentionLab.Host.Commands;

/// <summary>
/// A folder that a command writes to, alone: a second command that names it is refused with who holds it. What a killed command left in it, half-written
/// files and its mark, is deleted by the next one.
/// </summary>
internal sealed partial class OutputFolder : IDisposable
{
    private const string LockName = ".in-use.lock",
        HolderName = ".in-use.txt";

    private readonly FileStream _lock;
    private readonly bool _made;

    private OutputFolder(string path, FileStream held, bool made) => (Path, _lock, _made) = (path, held, made);

    /// <summary>The folder, in full.</summary>
    public string Path { get; }

    /// <summary>Takes a folder, which is made if need be, until this is disposed of.</summary>
    /// <exception cref="FolderInUseException">Another process holds it; the message says which.</exception>
    /// <exception cref="IOException">Nothing can be written there.</exception>
    public static OutputFolder Take(string path)
    {
        string full = System.IO.Path.GetFullPath(path),
            holder = System.IO.Path.Combine(full, HolderName);
        bool made = !Directory.Exists(full);
        Directory.CreateDirectory(full);
        FileStream held;
        try
        {
            held = new FileStream(
                System.IO.Path.Combine(full, LockName),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None,
                bufferSize: 1,
                FileOptions.DeleteOnClose
            );
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            throw new FolderInUseException(
                $"{full} is in use: {Holder(holder)} writes to it. Wait for that, stop it, or name another folder.",
                e
            );
        }

        File.WriteAllText(
            holder,
            string.Create(
                CultureInfo.InvariantCulture,
                $"process {Environment.ProcessId} on {Environment.MachineName}, since {DateTimeOffset.Now:yyyy-MM-dd HH:mm:ss zzz},"
            )
        );
        DeleteLeftBehind(full);
        return new OutputFolder(full, held, made);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_lock.SafeFileHandle.IsClosed)
        {
            return;
        }

        File.Delete(System.IO.Path.Combine(Path, HolderName));
        _lock.Dispose();
        if (_made && !Directory.EnumerateFileSystemEntries(Path).Any())
        {
            Directory.Delete(Path);
        }
    }

    private static string Holder(string file)
    {
        try
        {
            string text = File.ReadAllText(file);
            return text.Length is > 0 and < 300 ? text : "another process";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "another process"; // it has begun or ended just now
        }
    }

    // ERROR_SHARING_VIOLATION on Windows, EWOULDBLOCK on Linux and on macOS.
    private static bool IsHeldByAnother(IOException e) =>
        (e.HResult & 0xFFFF)
        == (
            OperatingSystem.IsWindows() ? 32
            : OperatingSystem.IsLinux() ? 11
            : 35
        );

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

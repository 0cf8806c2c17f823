using System.Globalization;

namespace AttentionLab.Core;

/// <summary>
/// The right to write to a file or a folder, held by one run at a time: whoever comes second is refused with who holds it. The
/// operating system ends the hold of a process that was killed; the mark it left is taken over and deleted by the next one.
/// </summary>
/// <remarks>
/// The mark is two files, in the folder or beside the file: <c>.in-use.lock</c>, open without sharing, and <c>.in-use.txt</c>
/// with the holder, for a file that is open without sharing cannot be read. A network drive that has no locks admits all.
/// </remarks>
public sealed class WriterLock : IDisposable
{
    private readonly FileStream _lock;
    private readonly string _holder;
    private readonly string? _madeFolder;

    private WriterLock(FileStream held, string holder, string? madeFolder) =>
        (_lock, _holder, _madeFolder) = (held, holder, madeFolder);

    /// <summary>Holds a folder, which is made if it is missing, until this is disposed of.</summary>
    /// <exception cref="InUseException">Another run holds it.</exception>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static WriterLock ForFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string full = Path.GetFullPath(folder);
        return Of(full, "folder", full, "");
    }

    /// <summary>Holds a file, which need not exist, until this is disposed of. A missing folder is made.</summary>
    /// <inheritdoc cref="ForFolder" path="/exception"/>
    public static WriterLock ForFile(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        string full = Path.GetFullPath(file);
        return Of(full, "file", Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}");
    }

    /// <summary>Ends the hold and deletes its mark, and a folder that was made for it and is empty.</summary>
    public void Dispose()
    {
        if (_lock.SafeFileHandle.IsClosed)
        {
            return;
        }

        File.Delete(_holder);
        _lock.Dispose();
        if (_madeFolder is not null && Directory.Exists(_madeFolder) && !Directory.EnumerateFileSystemEntries(_madeFolder).Any())
        {
            Directory.Delete(_madeFolder);
        }
    }

    private static WriterLock Of(string place, string kind, string folder, string prefix)
    {
        string mark = Path.Combine(folder, $"{prefix}.in-use.lock"),
            holder = Path.Combine(folder, $"{prefix}.in-use.txt");
        bool made = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        FileStream held;
        try
        {
            held = new FileStream(
                mark,
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None,
                bufferSize: 1,
                FileOptions.DeleteOnClose
            );
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            throw new InUseException(
                $"{place} is in use: {Read(holder)} writes to it. Wait for that, stop it, or name another {kind}.",
                e
            );
        }

        File.WriteAllText(
            holder,
            string.Create(
                CultureInfo.InvariantCulture,
                $"process {Environment.ProcessId} on {Environment.MachineName}, since "
                    + $"{DateTimeOffset.Now:yyyy-MM-dd HH:mm:ss zzz},"
            )
        );
        return new WriterLock(held, holder, made ? folder : null);
    }

    private static string Read(string holder)
    {
        try
        {
            string text = File.ReadAllText(holder);
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
}

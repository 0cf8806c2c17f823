using System.Globalization;

namespace AttentionLab.Core;

/// <summary>
/// The right to write to a file or a folder, held by one run at a time: a second run is refused, with the name of the holder. The
/// operating system ends the hold of a process that was killed; the mark it left is taken over by the next one that holds the
/// same, and deleted by the next that holds anything in the same folder.
/// </summary>
/// <remarks>
/// The mark is two files, in the folder or beside the file: <c>.in-use.lock</c>, open without sharing, and <c>.in-use.txt</c>
/// with the holder, for a file that is open without sharing cannot be read. A network drive that has no locks admits all.
/// </remarks>
public sealed class WriterLock : IDisposable
{
    private const string Mark = ".in-use.lock";
    private const string HolderExtension = ".txt";
    private const int Tries = 4;
    private const int Pause = 25; // ms

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
        string mark = Path.Combine(folder, prefix + Mark),
            holder = Path.ChangeExtension(mark, HolderExtension);
        bool made = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        FileStream held;
        for (int again = 1; ; again++)
        {
            try
            {
                held = Open(mark);
                break;
            }
            catch (IOException e) when (SharingViolation.Is(e))
            {
                if (again == Tries)
                {
                    throw new InUseException(
                        $"{place} is in use: {Read(holder)} writes to it. Wait for that, stop it, or name another {kind}.",
                        e
                    );
                }

                Thread.Sleep(Pause); // another may only look whether the mark was left behind
            }
        }

        ClearLeftBehind(folder, mark);
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

    private static FileStream Open(string mark) =>
        new(mark, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);

    // Marks of other files of the folder, or of the folder itself, whose process was killed: those that nobody holds open.
    private static void ClearLeftBehind(string folder, string own)
    {
        foreach (string mark in Directory.GetFiles(folder, $"*{Mark}").Where(mark => mark != own))
        {
            try
            {
                using FileStream left = Open(mark);
                File.Delete(Path.ChangeExtension(mark, HolderExtension));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is held, or it is another user's.
            }
        }
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
}

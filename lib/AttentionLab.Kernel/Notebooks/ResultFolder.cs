using System.Globalization;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>The folder of a run's results, held by one run at a time.</summary>
internal sealed class ResultFolder : IDisposable
{
    private const string LockPrefix = ".run-";
    private const string LockSuffix = ".lock";

    private readonly List<string> _created = [];
    private readonly FileStream _lock;

    /// <summary>Makes the folder where it is not there yet, and takes it.</summary>
    /// <exception cref="IOException">Nothing can be written there, or another run writes there now. Nothing is left.</exception>
    /// <exception cref="UnauthorizedAccessException">Nothing may be written there.</exception>
    public ResultFolder(string path)
    {
        Path = path;
        try
        {
            Create(path);
            _lock = Take();
            WholeFile.ClearPartial(path);
        }
        catch
        {
            DeleteEmpty();
            throw;
        }
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>Writes a file of the results, with the folders above it.</summary>
    /// <exception cref="IOException">It cannot be written; nothing of it is left.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Write(string path, string text)
    {
        Create(System.IO.Path.GetDirectoryName(path)!);
        WholeFile.Write(path, text);
    }

    /// <summary>Gives the folder free; if nothing was written, it goes with the folders that were made for it.</summary>
    public void Dispose()
    {
        _lock.Dispose();
        DeleteEmpty();
    }

    private void Create(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        if (System.IO.Path.GetDirectoryName(folder) is { } above)
        {
            Create(above);
        }

        Directory.CreateDirectory(folder);
        _created.Add(folder);
    }

    private FileStream Take()
    {
        string own = LockPrefix + Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + LockSuffix;
        FileStream taken = Open(System.IO.Path.Combine(Path, own));
        try
        {
            foreach (string other in Directory.GetFiles(Path, $"{LockPrefix}*{LockSuffix}"))
            {
                if (System.IO.Path.GetFileName(other) != own)
                {
                    Clear(other);
                }
            }

            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    // A lock that can be opened is one of a run that was killed.
    private void Clear(string other)
    {
        try
        {
            Open(other).Dispose();
        }
        catch (FileNotFoundException)
        {
            return;
        }
        catch (IOException e)
        {
            string process = System.IO.Path.GetFileName(other)[LockPrefix.Length..^LockSuffix.Length];
            throw new IOException(
                $"Another run (process {process}) is writing to {Path}. Wait for it, or name another folder with --out.",
                e
            );
        }
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);

    private void DeleteEmpty()
    {
        foreach (
            string folder in Enumerable.Reverse(_created).Where(folder => !Directory.EnumerateFileSystemEntries(folder).Any())
        )
        {
            Directory.Delete(folder);
        }
    }
}

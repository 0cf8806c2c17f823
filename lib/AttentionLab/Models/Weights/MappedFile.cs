using System.IO.MemoryMappedFiles;
using AttentionLab.Core;

namespace AttentionLab.Models;

/// <summary>
/// A file mapped into memory: what is read is loaded, no more. Nobody may shorten it meanwhile; files that are replaced by a
/// rename, as <see cref="AtomicFile"/> does, stay readable.
/// </summary>
internal sealed class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? _map;

    public MappedFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = path;
        if (Directory.Exists(path))
        {
            throw new InvalidDataException($"{path} is a folder; name the file itself.");
        }

        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            Length = file.Length;

            // An empty file cannot be mapped.
            _map =
                Length > 0
                    ? MemoryMappedFile.CreateFromFile(
                        file,
                        null,
                        0,
                        MemoryMappedFileAccess.Read,
                        HandleInheritability.None,
                        leaveOpen: false
                    )
                    : null;
        }
        finally
        {
            if (_map is null)
            {
                file.Dispose();
            }
        }
    }

    public string Path { get; }

    public long Length { get; }

    /// <summary>Some bytes that the file has; the caller disposes the stream.</summary>
    public Stream View(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
        return length == 0
            ? new MemoryStream([], writable: false)
            : _map!.CreateViewStream(offset, length, MemoryMappedFileAccess.Read);
    }

    /// <summary>Some bytes that the file has, copied.</summary>
    public byte[] Bytes(long offset, int length)
    {
        using Stream view = View(offset, length);
        var bytes = new byte[length];
        view.ReadExactly(bytes);
        return bytes;
    }

    public void Dispose() => _map?.Dispose();
}

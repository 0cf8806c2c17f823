using System.Formats.Tar;
using System.IO.Compression;
using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>
/// Unpacks a gzipped tar archive that may be hostile. Only files that the caller named are written, under the caller's own
/// spelling of their names, so nothing can leave the folder; links, devices, repeated or oversized entries end it.
/// </summary>
internal static class SafeTarExtraction
{
    // What headers and padding may add to the files themselves.
    private const long Overhead = 1 << 20;

    /// <param name="archive">Read from where it stands to its end; stays open.</param>
    /// <param name="folder">Where to write.</param>
    /// <param name="largest">The files that may come, as <c>folder/name</c> with forward slashes, and the most bytes of
    /// each.</param>
    /// <param name="cancellationToken">Stops between blocks; what was written so far stays.</param>
    /// <exception cref="InvalidDataException">The archive is damaged or holds something else.</exception>
    public static async Task ExtractAsync(
        Stream archive,
        string folder,
        IReadOnlyDictionary<string, long> largest,
        CancellationToken cancellationToken
    )
    {
        var folders = largest.Keys.Select(n => n[..n.LastIndexOf('/')]).ToHashSet(StringComparer.Ordinal);
        await using var gzip = new GZipStream(archive, CompressionMode.Decompress, leaveOpen: true);
        await using var bounded = new BoundedStream(gzip, largest.Values.Sum() + Overhead, new TarHeaders());
        try
        {
            await using var tar = new TarReader(bounded, leaveOpen: true);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            while (await tar.GetNextEntryAsync(copyData: false, cancellationToken).ConfigureAwait(false) is { } entry)
            {
                string name = Plain(entry.Name);
                if (!seen.Add(name))
                {
                    throw new InvalidDataException($"It holds '{Shown(entry)}' twice.");
                }

                if (entry.EntryType == TarEntryType.Directory && folders.Contains(name))
                {
                    continue;
                }

                if (
                    entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                    || !largest.TryGetValue(name, out long limit)
                )
                {
                    throw new InvalidDataException(
                        $"It holds '{Shown(entry)}' ({entry.EntryType}), which does not belong there."
                    );
                }

                if (entry.Length > limit)
                {
                    throw new InvalidDataException(
                        $"Its '{Shown(entry)}' has {entry.Length} bytes; at most {limit} are expected."
                    );
                }

                string path = Path.Combine(folder, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await WriteAsync(entry, path, cancellationToken).ConfigureAwait(false);
            }

            // To the end, where gzip keeps its checksum.
            await bounded.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
            when (e
                    is InvalidDataException
                        or EndOfStreamException
                        or FormatException
                        or ArgumentException
                        or OverflowException
                        or NotSupportedException
                        or InvalidOperationException
            )
        {
            throw new InvalidDataException($"The archive was not unpacked: {e.Message}", e);
        }
    }

    private static async Task WriteAsync(TarEntry entry, string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(
            path,
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.None,
            bufferSize: 0,
            useAsync: true
        );
        if (entry.DataStream is { } data)
        {
            await data.CopyToAsync(file, cancellationToken).ConfigureAwait(false);
        }

        // Onto the disk before the folder gets its final name, so that not even a power cut leaves a hollow set.
        file.Flush(flushToDisk: true);
    }

    private static string Plain(string name) => (name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name).TrimEnd('/');

    private static string Shown(TarEntry entry) => Excerpt.Of(entry.Name);

    /// <summary>
    /// Lets a limited number of bytes through, so that a small archive cannot unpack without end, and its headers be followed.
    /// </summary>
    private sealed class BoundedStream(Stream inner, long limit, TarHeaders headers) : Stream
    {
        private long _passed;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            int read = Count(inner.Read(buffer));
            headers.Follow(buffer[..read]);
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = Count(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));
            headers.Follow(buffer.Span[..read]);
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int Count(int read)
        {
            _passed += read;
            return _passed <= limit
                ? read
                : throw new InvalidDataException($"It unpacks to more than the {limit} bytes expected.");
        }
    }
}

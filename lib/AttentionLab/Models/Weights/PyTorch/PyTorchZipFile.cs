using System.IO.Compression;
using System.IO.Hashing;
using AttentionLab.Core;

namespace AttentionLab.Models;

/// <summary>
/// A file of <c>torch.save</c> since version 1.6: a zip archive, nothing in it compressed, with a pickle <c>NAME/data.pkl</c> and
/// each storage as <c>NAME/data/KEY</c>. Nothing is unpacked to the disk.
/// </summary>
internal sealed class PyTorchZipFile : PyTorchTensorFile
{
    private const int MaxPickleLength = 64 << 20;

    private readonly Dictionary<string, ZipArchiveEntry> _entries = [];
    private readonly HashSet<string> _intact = [];
    private readonly ZipArchive _archive;
    private readonly string _folder;

    public PyTorchZipFile(MappedFile file, string? key, StateDictionaryChoice choice)
        : base(file, key, choice)
    {
        Stream view = File.View(0, File.Length);
        try
        {
            _archive = new ZipArchive(view, ZipArchiveMode.Read);
            foreach (ZipArchiveEntry entry in _archive.Entries)
            {
                Add(entry);
            }

            _folder = FindFolder();
            CheckSizes();
            if (
                _entries.ContainsKey(_folder + "byteorder")
                && !ReadWhole(_folder + "byteorder", 16).AsSpan().SequenceEqual("little"u8)
            )
            {
                throw new FormatException("it was written on a big-endian machine; load and save it in Python on another one");
            }

            Take(new PickleReader(new MemoryStream(ReadWhole(_folder + "data.pkl", MaxPickleLength))).Read());
            foreach (PickleStorage storage in State.Tensors.Values.Select(tensor => tensor.Storage).Distinct())
            {
                ZipArchiveEntry entry = Entry($"{_folder}data/{storage.Key}");
                if (entry.Length != storage.ByteCount)
                {
                    throw new FormatException(
                        $"storage '{Excerpt.Of(storage.Key)}' has {entry.Length} bytes and should have {storage.ByteCount}"
                    );
                }
            }
        }
        catch (Exception e) when (IsDamage(e))
        {
            view.Dispose();
            throw Broken(e);
        }
    }

    public override string Format => "PyTorch, zip format";

    protected override Stream Open(PickleStorage storage, long offset, long length)
    {
        try
        {
            ZipArchiveEntry entry = Entry($"{_folder}data/{storage.Key}");
            CheckSum(entry);
            Stream bytes = entry.Open();
            Skip(bytes, offset);
            return bytes;
        }
        catch (Exception e) when (e is not FormatException && IsDamage(e))
        {
            throw new FormatException(e.Message.TrimEnd('.'), e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _archive.Dispose();
        }

        base.Dispose(disposing);
    }

    private static bool IsDamage(Exception e) =>
        e
            is FormatException
                or InvalidDataException
                or EndOfStreamException
                or NotSupportedException
                or ArgumentException
                or OverflowException;

    private void Add(ZipArchiveEntry entry)
    {
        string name = entry.FullName;
        bool folder = name.EndsWith('/');
        if (
            name.Contains('\\', StringComparison.Ordinal)
            || name[..^(folder ? 1 : 0)].Split('/').Any(part => part is "" or "." or "..")
            || name.Any(char.IsControl)
        )
        {
            throw new FormatException($"it has an entry of a dangerous name, '{Excerpt.Of(name)}'");
        }

        // Archives packed by hand list their folders too.
        if (!folder && !_entries.TryAdd(name, entry))
        {
            throw new FormatException($"it has two entries of the name '{Excerpt.Of(name)}'");
        }
    }

    private string FindFolder()
    {
        string[] folders =
        [
            .. _entries
                .Keys.Where(name => name.EndsWith("/data.pkl", StringComparison.Ordinal) && name.Count(c => c == '/') == 1)
                .Select(name => name[..^"data.pkl".Length]),
        ];
        if (folders.Length != 1)
        {
            throw new FormatException(
                folders.Length == 0
                    ? "it is a zip archive without data.pkl, and so not from torch.save"
                    : "it has several data.pkl"
            );
        }

        return _entries.ContainsKey(folders[0] + "constants.pkl")
            ? throw new FormatException("it is a TorchScript program; in Python save model.state_dict() in its place")
            : folders[0];
    }

    /// <summary>Nothing may grow when it is read: by compression, or because entries lie over each other.</summary>
    private void CheckSizes()
    {
        if (_entries.Values.FirstOrDefault(entry => entry.Length != entry.CompressedLength) is { } compressed)
        {
            throw new FormatException(
                $"its entry '{Excerpt.Of(compressed.FullName)}' is compressed, which PyTorch does not do with weights; load "
                    + "and save the file in Python once"
            );
        }

        if (_entries.Values.Aggregate(Int128.Zero, (sum, entry) => sum + entry.Length) > File.Length)
        {
            throw new FormatException("its entries claim more bytes than the file has");
        }
    }

    private ZipArchiveEntry Entry(string name) =>
        _entries.TryGetValue(name, out ZipArchiveEntry? entry)
            ? entry
            : throw new FormatException($"it lacks the entry '{Excerpt.Of(name)}'");

    private byte[] ReadWhole(string name, int limit)
    {
        ZipArchiveEntry entry = Entry(name);
        if (entry.Length > limit)
        {
            throw new FormatException($"its entry '{Excerpt.Of(entry.FullName)}' has {entry.Length} bytes; {limit} are plenty");
        }

        CheckSum(entry);
        var bytes = new byte[entry.Length];
        using Stream stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>ZipArchive does not look at checksums.</summary>
    private void CheckSum(ZipArchiveEntry entry)
    {
        if (_intact.Contains(entry.FullName))
        {
            return;
        }

        var crc = new Crc32();
        using (Stream stream = entry.Open())
        {
            crc.Append(stream);
        }

        if (crc.GetCurrentHashAsUInt32() != entry.Crc32)
        {
            throw new FormatException($"its entry '{Excerpt.Of(entry.FullName)}' is damaged: the checksum differs");
        }

        _intact.Add(entry.FullName);
    }

    private static void Skip(Stream stream, long count)
    {
        var buffer = new byte[(int)Math.Min(count, 1 << 16)];
        while (count > 0)
        {
            int part = (int)Math.Min(count, buffer.Length);
            stream.ReadExactly(buffer, 0, part);
            count -= part;
        }
    }
}

using Microsoft.Win32.SafeHandles;

namespace AttentionLab.Data;

/// <summary>
/// The folder <c>cifar-10-batches-bin</c> under a root: which files it must hold, and how they are checked and read.
/// </summary>
internal sealed class Cifar10Folder
{
    public const string Name = "cifar-10-batches-bin",
        NamesFile = "batches.meta.txt",
        TestFile = "test_batch.bin";
    public const int CanonicalRecords = 10_000;

    private const int Side = 32,
        PictureSize = 3 * Side * Side,
        RecordSize = 1 + PictureSize;

    // 200 kB: big enough for the disk, small enough to stay in a core's cache between reading and copying.
    private const int RecordsAtOnce = 64;

    private const int LongestNamesFile = 4096;

    private readonly string _root;
    private readonly int _records;

    public Cifar10Folder(string root, int recordsPerFile = CanonicalRecords)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _root = System.IO.Path.GetFullPath(root);
        _records = recordsPerFile;
        Path = System.IO.Path.Combine(_root, Name);
        Advice =
            $"Delete or move away {Path} if it is there, then fetch the set with Cifar10.DownloadAsync(\"{_root}\"), or unpack "
            + $"{Cifar10Archive.FileName} from another machine into {_root}.";
    }

    /// <summary>The folder itself, in full.</summary>
    public string Path { get; }

    public static IReadOnlyList<string> TrainFiles { get; } = [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")];

    /// <summary>What every message about a bad file ends with.</summary>
    public string Advice { get; init; }

    /// <summary>Bytes of each of the six files.</summary>
    public long FileSize => (long)_records * RecordSize;

    /// <summary>What keeps the folder from being whole, as a sentence; null when all six files have the right size.</summary>
    public string? Defect()
    {
        foreach (string name in TrainFiles.Append(TestFile))
        {
            string path = System.IO.Path.Combine(Path, name);
            if (!File.Exists(path))
            {
                return Missing(path);
            }

            // A handle, because FileInfo gives a symbolic link's own length.
            using SafeFileHandle file = File.OpenHandle(path);
            if (WrongSize(path, RandomAccess.GetLength(file)) is { } wrong)
            {
                return wrong;
            }
        }

        return null;
    }

    /// <summary>Reads both splits and checks sizes, labels and the classes' names.</summary>
    public DataSet Load()
    {
        CheckNames();
        LabeledImages train = Read("CIFAR-10 train", TrainFiles),
            test = Read("CIFAR-10 test", [TestFile]);
        return new DataSet("CIFAR-10", train, test, Normalization.Tutorial);
    }

    private LabeledImages Read(string name, IReadOnlyList<string> files)
    {
        byte[] pixels = GC.AllocateUninitializedArray<byte>(files.Count * _records * PictureSize);
        var labels = new int[files.Count * _records];
        for (int i = 0; i < files.Count; i++)
        {
            string path = System.IO.Path.Combine(Path, files[i]);
            ReadFile(
                path,
                pixels.AsSpan(i * _records * PictureSize, _records * PictureSize),
                labels.AsSpan(i * _records, _records)
            );
        }

        return new LabeledImages(name, Side, Side, pixels, labels, Cifar10.ClassNames);
    }

    private void ReadFile(string path, Span<byte> pixels, Span<int> labels)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{Missing(path)} {Advice}", path);
        }

        using SafeFileHandle file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        if (WrongSize(path, RandomAccess.GetLength(file)) is { } wrong)
        {
            throw new InvalidDataException($"{wrong} {Advice}");
        }

        var chunk = new byte[Math.Min(RecordsAtOnce, _records) * RecordSize];
        for (int first = 0; first < _records; first += RecordsAtOnce)
        {
            int count = Math.Min(RecordsAtOnce, _records - first);
            Span<byte> records = chunk.AsSpan(0, count * RecordSize);
            ReadExactly(file, path, records, (long)first * RecordSize);
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> record = records.Slice(i * RecordSize, RecordSize);
                int label = record[0],
                    index = first + i;
                if (label >= Cifar10.ClassNames.Count)
                {
                    throw new InvalidDataException(
                        $"{path}: record {index} (counted from 0, at offset {(long)index * RecordSize}) has label {label}; "
                            + $"labels go from 0 to {Cifar10.ClassNames.Count - 1}. {Advice}"
                    );
                }

                labels[index] = label;
                record[1..].CopyTo(pixels[(index * PictureSize)..]);
            }
        }
    }

    private void ReadExactly(SafeFileHandle file, string path, Span<byte> target, long offset)
    {
        while (target.Length > 0)
        {
            int read = RandomAccess.Read(file, target, offset);
            if (read == 0)
            {
                throw new InvalidDataException($"{WrongSize(path, offset)} It was cut while it was read. {Advice}");
            }

            target = target[read..];
            offset += read;
        }
    }

    private void CheckNames()
    {
        string path = System.IO.Path.Combine(Path, NamesFile);
        if (!File.Exists(path))
        {
            return;
        }

        using var reader = new StreamReader(path);
        var text = new char[LongestNamesFile];
        int length = reader.ReadBlock(text);
        string[] names = new string(text, 0, length).Split(
            '\n',
            StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
        );
        if (!names.SequenceEqual(Cifar10.ClassNames))
        {
            IEnumerable<string> shown = names.Take(12).Select(n => n.Length > 20 ? $"{n[..20]}…" : n);
            throw new InvalidDataException(
                $"{path} names the classes {string.Join(", ", shown)}; CIFAR-10's are {string.Join(", ", Cifar10.ClassNames)}. "
                    + $"This is another set, or the file was changed. {Advice}"
            );
        }
    }

    private string Missing(string path) => $"{path} is missing: CIFAR-10 is not, or not wholly, under {_root}.";

    private string? WrongSize(string path, long size)
    {
        string expected = $"{_records} records of {RecordSize} bytes make {FileSize}";
        return size == FileSize ? null
            : size < FileSize
                ? $"{path} holds {size} bytes, {expected}: it ends in record {size / RecordSize} (counted from 0) at offset "
                    + $"{size}."
            : $"{path} holds {size} bytes, {expected}: it goes on after its last record, {_records - 1} (counted from 0), at "
                + $"offset {FileSize}.";
    }
}

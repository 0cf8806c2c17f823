using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using AttentionLab.Core;
using TorchSharp;

namespace AttentionLab.Models;

/// <summary>
/// A file of <c>torch.save</c> before version 1.6, or with <c>_use_new_zipfile_serialization=False</c>: five pickles (a magic
/// number, a version, the machine, the object, the storages' keys), then of each storage the number of elements (8 bytes) and the
/// elements.
/// </summary>
internal sealed class PyTorchLegacyFile : PyTorchTensorFile
{
    private const long Version = 1001;

    private static readonly BigInteger Magic = BigInteger.Parse(
        "1950a86a20f9469cfc6c",
        NumberStyles.HexNumber,
        CultureInfo.InvariantCulture
    );

    private readonly Dictionary<string, long> _starts = [];

    public PyTorchLegacyFile(MappedFile file, string? key, StateDictionaryChoice choice)
        : base(file, key, choice)
    {
        using Stream view = File.View(0, File.Length);
        try
        {
            var pickles = new PickleReader(view);
            if (pickles.Read() is not BigInteger magic || magic != Magic)
            {
                throw new FormatException("it is a Python pickle, but not from torch.save");
            }

            if (pickles.Read() is not Version)
            {
                throw new FormatException("its format's version is not 1001");
            }

            if (pickles.Read() is not PickleDictionary machine || machine["little_endian"] is not true)
            {
                throw new FormatException("it was written on a big-endian machine; load and save it in Python on another one");
            }

            Take(pickles.Read());
            Dictionary<string, PickleStorage> storages = pickles.Storages;
            FindStorages(view, storages, pickles.Read() as List<object?>);
        }
        catch (FormatException e)
        {
            throw Broken(e);
        }
    }

    public override string Format => "PyTorch, format before 1.6";

    protected override Stream Open(PickleStorage storage, long offset, long length) =>
        File.View(_starts[storage.Key] + offset, length);

    private void FindStorages(Stream view, Dictionary<string, PickleStorage> storages, List<object?>? keys)
    {
        Span<byte> prefix = stackalloc byte[8];
        foreach (object? key in keys ?? throw new FormatException("its list of storages is not a list"))
        {
            PickleStorage storage =
                key is string name && storages.TryGetValue(name, out PickleStorage? known)
                    ? known
                    : throw new FormatException($"storage '{Excerpt.Of(key as string)}' belongs to no tensor");
            if (view.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
            {
                throw new FormatException($"storage '{Excerpt.Of(storage.Key)}' is missing: the file is truncated");
            }

            long bytes = storage.ByteCount,
                count = bytes / (storage.Type?.ElementSize() ?? 1),
                found = BinaryPrimitives.ReadInt64LittleEndian(prefix);
            if (found != count || bytes > view.Length - view.Position)
            {
                throw new FormatException(
                    $"storage '{Excerpt.Of(storage.Key)}' has {found} elements and should have {count}, {bytes} bytes of the "
                        + $"file's last {view.Length - view.Position}: the file is truncated or damaged"
                );
            }

            if (!_starts.TryAdd(storage.Key, view.Position))
            {
                throw new FormatException($"it has storage '{Excerpt.Of(storage.Key)}' twice");
            }

            view.Position += bytes;
        }

        if (storages.Keys.FirstOrDefault(key => !_starts.ContainsKey(key)) is { } missing)
        {
            throw new FormatException($"storage '{Excerpt.Of(missing)}' is missing");
        }
    }
}

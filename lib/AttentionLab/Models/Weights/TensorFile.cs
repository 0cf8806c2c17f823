using AttentionLab.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// Named tensors in a file, open for reading: a safetensors file or one of <c>torch.save</c>. What the file claims was checked
/// when it was opened; the tensors themselves are read one by one when asked for. Not for several threads at once.
/// </summary>
public abstract class TensorFile : IDisposable
{
    /// <summary>Stands between a file's path and the key of a part of it.</summary>
    internal const char KeyMark = '#';

    private readonly MappedFile _file;
    private string _prefix = "";
    private OrderedDictionary<string, TensorInfo>? _tensors;

    private protected TensorFile(MappedFile file) => _file = file;

    /// <summary>Where the file is.</summary>
    public string Path => _file.Path;

    /// <summary>What kind of file it is, in words.</summary>
    public abstract string Format { get; }

    /// <summary>Text that the file carries beside its tensors; empty when there is none.</summary>
    public abstract IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>
    /// The tensors' names, types and shapes, in the file's order: of the whole file, or of the part that was opened.
    /// </summary>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => _tensors ?? All;

    /// <summary>The tensors of the whole file, or of the dictionary in it that was chosen.</summary>
    private protected abstract IReadOnlyDictionary<string, TensorInfo> All { get; }

    private protected MappedFile File => _file;

    /// <summary>Opens a file of either kind; which one, its content says, not its name.</summary>
    /// <param name="path">
    /// The file; <c>file.pth#ema</c> for a part of it: the dictionary under that key of a checkpoint (<c>a.b</c> for one in
    /// another), or the tensors whose names begin with it and a dot, which are then called by the rest.
    /// </param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is of another kind, truncated, damaged or dangerous, or has no such part, or several that could be meant; the
    /// message says which.
    /// </exception>
    public static TensorFile Open(string path) => Open(path, Recognise);

    /// <summary>Reads one tensor, on the CPU and contiguous, of its own memory. The caller disposes it.</summary>
    /// <exception cref="KeyNotFoundException">The file has no tensor of that name.</exception>
    /// <exception cref="InvalidDataException">The tensor's bytes are damaged.</exception>
    public Tensor Read(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        using DisposeScope scope = NewDisposeScope();
        return Tensors.ContainsKey(name)
            ? ReadKnown(_prefix + name).DetachFromDisposeScope()
            : throw new KeyNotFoundException(
                $"{Path} has no tensor named '{Excerpt.Of(name)}'; it has "
                    + $"{(Tensors.Count == 0 ? "none" : Excerpt.Of([.. Tensors.Keys]))}."
            );
    }

    /// <summary>Reads all tensors; see <see cref="Read"/>. The caller disposes them.</summary>
    /// <exception cref="InvalidDataException">A tensor's bytes are damaged.</exception>
    public Dictionary<string, Tensor> ReadAll()
    {
        var tensors = new Dictionary<string, Tensor>(Tensors.Count);
        try
        {
            foreach (string name in Tensors.Keys)
            {
                tensors.Add(name, Read(name));
            }

            return tensors;
        }
        catch
        {
            foreach (Tensor tensor in tensors.Values)
            {
                tensor.Dispose();
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of the file.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }
    }

    /// <summary>Opens a file for a network, which decides between several state dicts that it may hold.</summary>
    internal static TensorFile OpenFor(string path, IReadOnlyDictionary<string, Tensor> state) =>
        Open(path, (file, key) => Recognise(file, key, all => WeightNames.DictionaryFor(all, state)));

    internal static TensorFile Open(string path, Func<MappedFile, string?, TensorFile> read)
    {
        (string filePath, string? key) = Parts(path);
        var file = new MappedFile(filePath);
        try
        {
            TensorFile opened = read(file, key);
            if (key is not null && !opened.HasChosen(key))
            {
                opened.Narrow(key);
            }

            return opened;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether <see cref="All"/> is what stands under a key already.</summary>
    private protected virtual bool HasChosen(string key) => false;

    /// <summary>The path and the key behind it; a file whose own name has the mark goes before.</summary>
    private static (string Path, string? Key) Parts(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        int mark = path.LastIndexOf(KeyMark);
        return mark > 0 && mark < path.Length - 1 && !System.IO.File.Exists(path) && System.IO.File.Exists(path[..mark])
            ? (path[..mark], path[(mark + 1)..])
            : (path, null);
    }

    private void Narrow(string key)
    {
        _prefix = $"{key}.";
        _tensors = new OrderedDictionary<string, TensorInfo>(
            All.Where(tensor => tensor.Key.StartsWith(_prefix, StringComparison.Ordinal) && tensor.Key.Length > _prefix.Length)
                .Select(tensor => KeyValuePair.Create(tensor.Key[_prefix.Length..], tensor.Value))
        );
        if (_tensors.Count == 0)
        {
            throw new InvalidDataException($"{Path} holds no '{Excerpt.Of(key)}': {Parts()}.");
        }

        string Parts() =>
            All
                .Keys.Where(name => name.Contains('.', StringComparison.Ordinal))
                .Select(name => name[..name.IndexOf('.', StringComparison.Ordinal)])
                .Distinct()
                .ToArray()
                is { Length: > 0 } begins
                ? $"its tensors' names begin with {Excerpt.Of(begins)}"
                : $"its tensors are {Excerpt.Of([.. All.Keys])}";
    }

    private protected abstract Tensor ReadKnown(string name);

    /// <summary>A new tensor with the bytes that a stream gives.</summary>
    private protected Tensor FromStream(string name, ScalarType type, IReadOnlyList<long> shape, Stream bytes)
    {
        Tensor tensor = empty([.. shape], type == ScalarType.Bool ? ScalarType.Byte : type);
        if (tensor.numel() > 0)
        {
            tensor.ReadBytesFromStream(bytes, 1 << 16);
        }

        // torch counts a bool of 2 as two.
        return type != ScalarType.Bool ? tensor
            : tensor.numel() == 0 || tensor.max().item<byte>() <= 1 ? tensor.to(type)
            : throw new InvalidDataException(
                $"'{Excerpt.Of(name)}' of {Path} is damaged: it holds a bool that is neither 0 nor 1."
            );
    }

    private static TensorFile Recognise(MappedFile file, string? key) => Recognise(file, key, StateDictionary.Usual);

    private static TensorFile Recognise(MappedFile file, string? key, StateDictionaryChoice choice)
    {
        ReadOnlySpan<byte> start = file.Bytes(0, (int)Math.Min(file.Length, 512));
        return start switch
        {
            [(byte)'P', (byte)'K', 3, 4, ..] => new PyTorchZipFile(file, key, choice),
            [_, _, _, _, _, _, _, _, (byte)'{', ..] => new SafetensorsFile(file),
            [0x80, >= 2 and <= 5, ..] => new PyTorchLegacyFile(file, key, choice),
            _ => throw new InvalidDataException(
                $"{file.Path} is neither a safetensors file nor one of PyTorch's: {WhatElse(start)}."
            ),
        };
    }

    private static string WhatElse(ReadOnlySpan<byte> start) =>
        start switch
        {
            [] => "it is empty",
            _ when start.StartsWith("version https://git-lfs"u8) =>
                "it is a Git LFS pointer, to be replaced by the file itself with 'git lfs pull'",
            _ when start.IndexOf("<html"u8) >= 0 || start.IndexOf("<!DOCTYPE"u8) >= 0 =>
                "it is a web page, perhaps saved in place of a download",
            [(byte)'{', ..] when start.IndexOf("\"weight_map\""u8) >= 0 || start.IndexOf("\"total_size\""u8) >= 0 =>
                "it is the index of weights in several files, which in Python become one: load all of them and save their tensors "
                    + "together",
            [(byte)'{' or (byte)'[', ..] => "it is JSON text",
            _ when start is [0x89, (byte)'H', (byte)'D', (byte)'F', ..] => "it is an HDF5 file",
            _ when start.Length >= 262 && start[257..].StartsWith("ustar"u8) =>
                "it is a tar file, as PyTorch wrote before version 0.1.10; load and save it in Python once",
            _ => $"it begins with {Convert.ToHexString(start[..Math.Min(8, start.Length)])}",
        };
}

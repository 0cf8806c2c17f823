using AttentionLab.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>What both formats of <c>torch.save</c> have in common: a pickle that describes windows on storages.</summary>
internal abstract class PyTorchTensorFile(MappedFile file, string? key, StateDictionaryChoice choice) : TensorFile(file)
{
    // Tensors may share a storage, and a tensor may repeat its elements: the whole may be larger than the file, within reason.
    private const int MaxGrowth = 16;

    private StateDictionary? _state;
    private OrderedDictionary<string, TensorInfo> _tensors = [];

    public override IReadOnlyDictionary<string, string> Metadata => State.Metadata;

    private protected override IReadOnlyDictionary<string, TensorInfo> All => _tensors;

    protected StateDictionary State => _state ?? throw new InvalidOperationException("Nothing was read yet.");

    /// <summary>Takes what the pickle holds. A derived class calls it once, and then checks the storages.</summary>
    protected void Take(object? root)
    {
        IReadOnlyList<StateDictionary> all = StateDictionary.AllIn(root);
        _state = key is null ? choice(all) : all.FirstOrDefault(each => each.Key == key) ?? WithPrefix(all, key);
        _tensors = new(State.Tensors.Select(item => KeyValuePair.Create(item.Key, item.Value.Info)));
        Int128 bytes = _tensors.Values.Aggregate(Int128.Zero, (sum, info) => sum + info.ByteCount);
        if (bytes > (Int128)MaxGrowth * File.Length)
        {
            throw new FormatException(
                $"its tensors would take {bytes} bytes, more than {MaxGrowth} times the file; if they repeat their elements, "
                    + "call contiguous() before saving"
            );
        }
    }

    private protected override bool HasChosen(string key) => State.Key == key;

    private static StateDictionary WithPrefix(IReadOnlyList<StateDictionary> all, string key) =>
        all.FirstOrDefault(each => each.Tensors.Keys.Any(name => name.StartsWith($"{key}.", StringComparison.Ordinal)))
        ?? throw new FormatException(
            $"it holds no '{Excerpt.Of(key)}'; it has "
                + $"{Excerpt.Of([.. all.Select(each => each.Key.Length > 0 ? each.Key : "tensors at the top")])}"
        );

    /// <summary>Some of a storage's bytes; the caller disposes the stream.</summary>
    protected abstract Stream Open(PickleStorage storage, long offset, long length);

    protected InvalidDataException Broken(Exception e) => new($"{Path} ({Format}) cannot be read: {e.Message.TrimEnd('.')}.", e);

    private protected override Tensor ReadKnown(string name)
    {
        PickleTensor tensor = State.Tensors[name];
        try
        {
            int size = tensor.Info.Type.ElementSize();
            using Stream bytes = Open(tensor.Storage, tensor.First * size, tensor.Length * size);
            return tensor.Length == 0 || tensor.IsContiguous
                ? FromStream(name, tensor.Info.Type, tensor.Info.Shape, bytes)
                : FromStream(name, tensor.Info.Type, [tensor.Length], bytes)
                    .as_strided([.. tensor.Info.Shape], [.. tensor.Strides], 0)
                    .contiguous();
        }
        catch (Exception e) when (e is FormatException or EndOfStreamException)
        {
            throw Broken(e);
        }
    }
}

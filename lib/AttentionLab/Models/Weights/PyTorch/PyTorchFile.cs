using System.Globalization;
using AttentionLab.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// Reads and writes files of <c>torch.save</c> as tensors only. A Python pickle may hold any program: here none is ever run.
/// </summary>
/// <remarks>Formats as in PyTorch's torch/serialization.py and caffe2/serialize/inline_container.cc.</remarks>
public static class PyTorchFile
{
    private const string Folder = "archive/";

    /// <summary>
    /// Opens a file that holds a state dict, or a checkpoint with one, in the zip format or the one before PyTorch 1.6.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is of another kind or damaged, has no state dict, or asks for more of Python than tensors need; the message says
    /// which.
    /// </exception>
    public static TensorFile Open(string path) =>
        TensorFile.Open(
            path,
            (file, key) =>
                file.Length > 2 && file.Bytes(0, 2) is [(byte)'P', (byte)'K']
                    ? new PyTorchZipFile(file, key, StateDictionary.Usual)
                    : new PyTorchLegacyFile(file, key, StateDictionary.Usual)
        );

    /// <summary>
    /// Writes a state dict in the zip format, to be read by <c>torch.load(path, weights_only=True)</c>: first beside it, then
    /// renamed into place.
    /// </summary>
    /// <param name="path">Where to write; an existing file is replaced.</param>
    /// <param name="tensors">By name, of any device and layout.</param>
    /// <param name="metadata">Text to keep: in Python it is the dictionary's attribute <c>metadata</c>, here
    /// <see cref="TensorFile.Metadata"/>.</param>
    /// <exception cref="ArgumentException">PyTorch has no storage of a tensor's type, a name is not valid Unicode, or all take
    /// more than 4 GB.</exception>
    public static void Save(
        IReadOnlyDictionary<string, Tensor> tensors,
        string path,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        ArgumentNullException.ThrowIfNull(tensors);
        byte[] pickle = Pickle(tensors, metadata);
        AtomicFile.Write(
            path,
            file =>
            {
                using var zip = new AlignedZipWriter(file);
                zip.Add(Folder + "data.pkl", pickle);
                zip.Add(Folder + "byteorder", "little"u8);
                foreach ((int key, Tensor tensor) in tensors.Values.Index())
                {
                    using DisposeScope scope = NewDisposeScope();
                    Tensor dense = tensor.detach().cpu().contiguous();
                    zip.Add($"{Folder}data/{Key(key)}", dense.numel() == 0 ? [] : dense.bytes);
                }

                zip.Add(Folder + "version", "3\n"u8);
                zip.Finish();
            }
        );
    }

    private static byte[] Pickle(IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        PickleWriter pickle = new PickleWriter().OrderedDict().Mark();
        foreach ((int key, (string name, Tensor tensor)) in tensors.Index())
        {
            string storage =
                PickleGlobals.StorageOf(tensor.dtype)
                ?? throw new ArgumentException(
                    $"'{Excerpt.Of(name)}' has type {tensor.dtype}, for which PyTorch's files have no storage.",
                    nameof(tensors)
                );
            if (tensor.numel() * tensor.ElementSize > int.MaxValue)
            {
                throw new ArgumentException(
                    $"'{Excerpt.Of(name)}' takes more than 2 GB: save it as .safetensors.",
                    nameof(tensors)
                );
            }

            pickle.Text(name).Global("torch._utils", "_rebuild_tensor_v2").Mark();
            pickle
                .Mark()
                .Text("storage")
                .Global("torch", storage)
                .Text(Key(key))
                .Text("cpu")
                .Integer(tensor.numel())
                .Tuple()
                .PersistentId();
            pickle.Integer(0).Integers(tensor.shape).Integers(RowMajor(tensor.shape)).False().OrderedDict().Tuple().Reduce();
        }

        pickle.SetItems();
        if (metadata is not null)
        {
            pickle.Dictionary().Mark().Text(StateDictionary.MetadataName).Dictionary().Mark();
            foreach ((string name, string text) in metadata)
            {
                pickle.Text(name).Text(text);
            }

            pickle.SetItems().SetItems().Build();
        }

        return pickle.Stop();
    }

    private static string Key(int index) => index.ToString(CultureInfo.InvariantCulture);

    private static long[] RowMajor(long[] shape)
    {
        var strides = new long[shape.Length];
        long stride = 1;
        for (int side = shape.Length - 1; side >= 0; side--)
        {
            strides[side] = stride;
            stride *= Math.Max(1, shape[side]);
        }

        return strides;
    }
}

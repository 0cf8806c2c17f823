using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using AttentionLab.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Decodes tensors of ONNX files.</summary>
/// <param name="folder">The model's folder, where external data may lie; null where there is none.</param>
internal sealed class OnnxTensorData(string? folder)
{
    /// <summary>A tensor's elements on the CPU, of their own memory; the caller disposes it.</summary>
    /// <exception cref="InvalidDataException">
    /// Type and shape do not fit the bytes, the type is not supported, or the external file is missing, too short or outside the
    /// model's folder.
    /// </exception>
    public Tensor Read(OnnxTensor tensor)
    {
        int size = OnnxElementTypes.SizeOf(tensor.DataType);
        if (size == 0 || tensor.HasTexts)
        {
            throw Broken(tensor, $"has elements of {OnnxElementTypes.NameOf(tensor.DataType)}, which is not supported");
        }

        if (TensorInfo.Complaint(ScalarType.Float64, tensor.Dims) is { } complaint)
        {
            throw Broken(tensor, complaint);
        }

        long count = tensor.Dims.Aggregate(1L, (product, side) => product * side);
        using DisposeScope scope = NewDisposeScope();
        Tensor flat =
            tensor.IsExternal ? OfBytes(External(tensor, count * size).Span, tensor, count)
            : tensor.Raw is { } raw ? OfBytes(raw.Span, tensor, count)
            : OfLists(tensor, count);
        return flat.reshape([.. tensor.Dims]).MoveToOuterDisposeScope();
    }

    private static Tensor OfBytes(ReadOnlySpan<byte> bytes, OnnxTensor tensor, long count)
    {
        int size = OnnxElementTypes.SizeOf(tensor.DataType);
        if (bytes.Length / size != count || bytes.Length % size != 0)
        {
            throw Broken(tensor, $"needs {count * size} bytes and has {bytes.Length}");
        }

        return tensor.DataType switch
        {
            OnnxElementTypes.Float => OfArray(MemoryMarshal.Cast<byte, float>(bytes)),
            OnnxElementTypes.Double => OfArray(MemoryMarshal.Cast<byte, double>(bytes)),
            OnnxElementTypes.Float16 => OfHalves(MemoryMarshal.Cast<byte, Half>(bytes)),
            OnnxElementTypes.BFloat16 => OfBFloats(MemoryMarshal.Cast<byte, ushort>(bytes)),
            OnnxElementTypes.Int64 or OnnxElementTypes.UInt64 => OfArray(MemoryMarshal.Cast<byte, long>(bytes)),
            OnnxElementTypes.UInt32 => OfIntegers(MemoryMarshal.Cast<byte, uint>(bytes)).to(ScalarType.Int64),
            OnnxElementTypes.Int32 => OfArray(MemoryMarshal.Cast<byte, int>(bytes)),
            OnnxElementTypes.UInt16 => OfIntegers(MemoryMarshal.Cast<byte, ushort>(bytes)).to(ScalarType.Int32),
            OnnxElementTypes.Int16 => OfArray(MemoryMarshal.Cast<byte, short>(bytes)),
            OnnxElementTypes.Int8 => OfArray(MemoryMarshal.Cast<byte, sbyte>(bytes)),
            OnnxElementTypes.UInt8 => OfArray(bytes),
            _ => OfArray(bytes).to(ScalarType.Bool),
        };
    }

    private static Tensor OfLists(OnnxTensor tensor, long count)
    {
        int given = tensor.DataType switch
        {
            OnnxElementTypes.Float => tensor.Floats.Count,
            OnnxElementTypes.Double => tensor.Doubles.Count,
            _ => tensor.Integers.Count,
        };
        if (given != count)
        {
            throw Broken(tensor, $"needs {count} elements and has {given}");
        }

        return tensor.DataType switch
        {
            OnnxElementTypes.Float => OfArray<float>(CollectionsMarshal.AsSpan(tensor.Floats)),
            OnnxElementTypes.Double => OfArray<double>(CollectionsMarshal.AsSpan(tensor.Doubles)),
            OnnxElementTypes.Float16 => OfArray<float>([
                .. tensor.Integers.Select(bits => (float)BitConverter.UInt16BitsToHalf((ushort)bits)),
            ]),
            OnnxElementTypes.BFloat16 => OfArray<float>([
                .. tensor.Integers.Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)),
            ]),
            _ => OfArray<long>(CollectionsMarshal.AsSpan(tensor.Integers)).to(OnnxElementTypes.ToTorch(tensor.DataType)!.Value),
        };
    }

    private static Tensor OfHalves(ReadOnlySpan<Half> halves)
    {
        var values = new float[halves.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)halves[i];
        }

        return OfArray<float>(values);
    }

    private static Tensor OfBFloats(ReadOnlySpan<ushort> bits)
    {
        var values = new float[bits.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BitConverter.UInt32BitsToSingle((uint)bits[i] << 16);
        }

        return OfArray<float>(values);
    }

    private static Tensor OfIntegers<T>(ReadOnlySpan<T> integers)
        where T : unmanaged, INumberBase<T>
    {
        var values = new long[integers.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = long.CreateChecked(integers[i]);
        }

        return OfArray<long>(values);
    }

    private static Tensor OfArray<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        ScalarType type =
            typeof(T) == typeof(float) ? ScalarType.Float32
            : typeof(T) == typeof(double) ? ScalarType.Float64
            : typeof(T) == typeof(long) ? ScalarType.Int64
            : typeof(T) == typeof(int) ? ScalarType.Int32
            : typeof(T) == typeof(short) ? ScalarType.Int16
            : typeof(T) == typeof(sbyte) ? ScalarType.Int8
            : ScalarType.Byte;
        Tensor tensor = empty(values.Length, type);
        MemoryMarshal.AsBytes(values).CopyTo(tensor.bytes);
        return tensor;
    }

    private ReadOnlyMemory<byte> External(OnnxTensor tensor, long length)
    {
        string location = tensor.External.GetValueOrDefault("location", "");
        string path = InFolder(tensor, location);
        long offset = Number(tensor, "offset") ?? 0;
        if ((Number(tensor, "length") ?? length) != length)
        {
            throw Broken(tensor, $"needs {length} bytes and claims {Number(tensor, "length")} of '{Excerpt.Of(location)}'");
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (offset < 0 || offset > file.Length || length > file.Length - offset || length > Array.MaxLength)
        {
            throw Broken(tensor, $"needs {length} bytes from byte {offset} of '{Excerpt.Of(location)}', which has {file.Length}");
        }

        var bytes = new byte[length];
        file.Position = offset;
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The path of external data, which may not leave the model's folder, by a link or otherwise.</summary>
    private string InFolder(OnnxTensor tensor, string location)
    {
        if (folder is null)
        {
            throw Broken(tensor, "has its elements in another file, and the model was not read from a folder");
        }

        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;
        bool plain = location.Length > 0 && !location.Contains('\0', StringComparison.Ordinal) && !Path.IsPathRooted(location);
        string path = plain ? Path.GetFullPath(Path.Combine(root, location)) : "";
        if (!plain || !path.StartsWith(root, StringComparison.Ordinal))
        {
            throw Broken(tensor, $"has its elements in '{Excerpt.Of(location)}', which is not inside the model's folder");
        }

        if (!File.Exists(path))
        {
            throw Broken(tensor, $"has its elements in '{Excerpt.Of(location)}', which does not lie beside the model");
        }

        for (string? part = path; part is not null && part.Length >= root.Length; part = Path.GetDirectoryName(part))
        {
            if (new FileInfo(part).LinkTarget is not null)
            {
                throw Broken(tensor, $"has its elements in '{Excerpt.Of(location)}', which is a link");
            }
        }

        return path;
    }

    private static long? Number(OnnxTensor tensor, string key) =>
        !tensor.External.TryGetValue(key, out string? text) ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
        : throw Broken(tensor, $"has the {key} '{Excerpt.Of(text)}', which is not a number");

    private static InvalidDataException Broken(OnnxTensor tensor, string what) =>
        new($"The tensor '{Excerpt.Of(tensor.Name)}' at byte {tensor.Offset} {what}.");
}

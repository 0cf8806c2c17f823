using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// Reads and writes the safetensors format: eight bytes with the header's length, a JSON header, then the tensors' raw
/// little-endian data. No code can hide in such a file.
/// </summary>
/// <remarks>The format is described in the safetensors repository's README.</remarks>
public static class Safetensors
{
    private const int MaxHeaderLength = 100_000_000;

    private static readonly (string Name, ScalarType Type)[] TypeNames =
    [
        ("BOOL", ScalarType.Bool), ("U8", ScalarType.Byte), ("I8", ScalarType.Int8), ("I16", ScalarType.Int16),
        ("I32", ScalarType.Int32), ("I64", ScalarType.Int64), ("F16", ScalarType.Float16), ("BF16", ScalarType.BFloat16),
        ("F32", ScalarType.Float32), ("F64", ScalarType.Float64),
    ];

    /// <summary>Reads all tensors of a file, on the CPU. The caller disposes them.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is truncated or its header is not what the format asks for.</exception>
    public static Dictionary<string, Tensor> Load(string path)
    {
        using FileStream file = File.OpenRead(path);
        Dictionary<string, Entry> header = ReadHeader(file, path, out long dataStart);
        var tensors = new Dictionary<string, Tensor>(header.Count);
        try
        {
            foreach ((string name, Entry entry) in header)
            {
                Tensor tensor = empty(entry.Shape, entry.Type).DetachFromDisposeScope();
                tensors.Add(name, tensor);
                file.Position = dataStart + entry.Begin;
                if (entry.End > entry.Begin)
                {
                    file.ReadExactly(tensor.bytes);
                }
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

    /// <summary>The text that a file keeps in its header; none when it keeps none. No tensor is read.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The header is not what the format asks for.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        using FileStream file = File.OpenRead(path);
        using JsonDocument json = ReadJson(file, path, out _);
        try
        {
            return json.RootElement.TryGetProperty("__metadata__", out JsonElement metadata)
                ? metadata.Deserialize<Dictionary<string, string>>() ?? []
                : new Dictionary<string, string>();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Broken(path, "its metadata is no JSON object of texts", e);
        }
    }

    /// <summary>Writes tensors to a file: first beside it, then renamed into place, so that no half-written file remains.</summary>
    /// <param name="path">Where to write; an existing file is replaced.</param>
    /// <param name="tensors">By name, of any device and layout.</param>
    /// <param name="metadata">Text to keep in the header.</param>
    /// <exception cref="ArgumentException">A tensor's type has no name in the format.</exception>
    public static void Save(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        using DisposeScope scope = NewDisposeScope();
        var ready = tensors.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => (Name: t.Key, Tensor: t.Value.detach().cpu().contiguous())).ToList();

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        string partial = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.partial");
        try
        {
            using (FileStream file = File.Create(partial))
            {
                byte[] header = WriteHeader(ready, metadata);
                Span<byte> length = stackalloc byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
                file.Write(length);
                file.Write(header);
                foreach ((_, Tensor tensor) in ready)
                {
                    if (tensor.numel() > 0)
                    {
                        file.Write(tensor.bytes);
                    }
                }
            }

            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static Dictionary<string, Entry> ReadHeader(FileStream file, string path, out long dataStart)
    {
        using JsonDocument json = ReadJson(file, path, out dataStart);
        long dataLength = file.Length - dataStart;
        var entries = new Dictionary<string, Entry>();
        try
        {
            foreach (JsonProperty property in json.RootElement.EnumerateObject())
            {
                if (property.Name != "__metadata__" && !entries.TryAdd(property.Name, ReadEntry(property, path, dataLength)))
                {
                    throw Broken(path, $"it names '{property.Name}' twice");
                }
            }
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw NoHeader(path, e);
        }

        return entries;
    }

    private static JsonDocument ReadJson(FileStream file, string path, out long dataStart)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (file.Length < 8)
        {
            throw Broken(path, $"it has {file.Length} bytes; even an empty one has 10");
        }

        file.ReadExactly(prefix);
        long length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (length < 2 || length > Math.Min(MaxHeaderLength, file.Length - 8))
        {
            throw Broken(path, $"its header claims {length} bytes of the file's {file.Length}");
        }

        dataStart = 8 + length;
        var bytes = new byte[length];
        file.ReadExactly(bytes);
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException e)
        {
            throw NoHeader(path, e);
        }
    }

    private static Entry ReadEntry(JsonProperty property, string path, long dataLength)
    {
        string name = property.Name, type = property.Value.GetProperty("dtype").GetString() ?? "";
        int known = Array.FindIndex(TypeNames, t => t.Name == type);
        if (known < 0)
        {
            throw Broken(path, $"'{name}' has type {type}; known are {string.Join(", ", TypeNames.Select(t => t.Name))}");
        }

        long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())];
        JsonElement offsets = property.Value.GetProperty("data_offsets");
        long begin = offsets[0].GetInt64(), end = offsets[1].GetInt64();
        long size;
        try
        {
            size = shape.Aggregate((long)TypeNames[known].Type.ElementSize(), (total, side) => checked(total * (side >= 0 ? side : throw Broken(path, $"'{name}' has a negative side"))));
        }
        catch (OverflowException e)
        {
            throw Broken(path, $"'{name}' has more elements than a file can hold", e);
        }

        if (begin < 0 || end > dataLength || end - begin != size)
        {
            throw Broken(path, $"'{name}' ({type} {string.Join('×', shape)}) needs {size} bytes and claims bytes {begin} to {end} of {dataLength}: the file is truncated or damaged");
        }

        return new Entry(TypeNames[known].Type, shape, begin, end);
    }

    private static byte[] WriteHeader(List<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WritePropertyName("__metadata__");
                JsonSerializer.Serialize(json, metadata);
            }

            long offset = 0;
            foreach ((string name, Tensor tensor) in tensors)
            {
                int known = Array.FindIndex(TypeNames, t => t.Type == tensor.dtype);
                if (known < 0)
                {
                    throw new ArgumentException($"'{name}' has type {tensor.dtype}, which safetensors cannot hold.", nameof(tensors));
                }

                long size = tensor.numel() * tensor.ElementSize;
                json.WriteStartObject(name);
                json.WriteString("dtype", TypeNames[known].Name);
                json.WritePropertyName("shape");
                JsonSerializer.Serialize(json, tensor.shape);
                json.WritePropertyName("data_offsets");
                JsonSerializer.Serialize(json, new[] { offset, offset + size });
                json.WriteEndObject();
                offset += size;
            }

            json.WriteEndObject();
        }

        // Readers align the data to eight bytes; spaces after JSON are allowed.
        while (buffer.Length % 8 != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.ToArray();
    }

    private static InvalidDataException NoHeader(string path, Exception inner) => Broken(path, "its header is no JSON object of tensors", inner);

    private static InvalidDataException Broken(string path, string what, Exception? inner = null) =>
        new($"{path} is no whole safetensors file: {what}.", inner);

    private sealed record Entry(ScalarType Type, long[] Shape, long Begin, long End);
}

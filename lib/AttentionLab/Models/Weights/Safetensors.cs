using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using AttentionLab.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Reads and writes the safetensors format. No code can hide in such a file.</summary>
/// <remarks>The format is described in the safetensors repository's README.</remarks>
public static class Safetensors
{
    private static readonly JsonWriterOptions AsIs = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Opens a file: names, types, shapes and metadata at once, tensors when asked for.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is truncated, or its header is not what the format asks for.</exception>
    public static TensorFile Open(string path) => TensorFile.Open(path, (file, _) => new SafetensorsFile(file));

    /// <summary>Reads all tensors of a file, on the CPU. The caller disposes them.</summary>
    /// <inheritdoc cref="Open"/>
    public static Dictionary<string, Tensor> Load(string path)
    {
        using TensorFile file = Open(path);
        return file.ReadAll();
    }

    /// <summary>
    /// Writes tensors to a file, those with the largest elements first: first beside it, then renamed into place, so that no
    /// half-written file remains.
    /// </summary>
    /// <param name="path">Where to write; an existing file is replaced.</param>
    /// <param name="tensors">By name, of any device and layout.</param>
    /// <param name="metadata">Text to keep in the header.</param>
    /// <exception cref="ArgumentException">A tensor's type has no name in the format, or a name cannot be stored in
    /// it.</exception>
    public static void Save(
        IReadOnlyDictionary<string, Tensor> tensors,
        string path,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        ArgumentNullException.ThrowIfNull(tensors);
        Entry[] entries =
        [
            .. tensors
                .Select(ToEntry)
                .OrderByDescending(entry => entry.Order)
                .ThenBy(entry => entry.Name, StringComparer.Ordinal),
        ];
        byte[] header = WriteHeader(entries, metadata);
        AtomicFile.Write(
            path,
            file =>
            {
                Span<byte> length = stackalloc byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
                file.Write(length);
                file.Write(header);
                foreach (Entry entry in entries)
                {
                    using DisposeScope scope = NewDisposeScope();
                    entry.Tensor.detach().cpu().contiguous().WriteBytesToStream(file, 1 << 16);
                }
            }
        );
    }

    private static Entry ToEntry(KeyValuePair<string, Tensor> named) =>
        named.Key == SafetensorsFile.MetadataName
            ? throw new ArgumentException(
                $"No tensor can be named {SafetensorsFile.MetadataName}: the format keeps its metadata there.",
                nameof(named)
            )
        : SafetensorsTypes.Of(named.Value.dtype) is { } type ? new Entry(named.Key, named.Value, type.Name, type.Order)
        : throw new ArgumentException(
            $"'{Excerpt.Of(named.Key)}' has type {named.Value.dtype}, which safetensors cannot hold.",
            nameof(named)
        );

    private static byte[] WriteHeader(Entry[] entries, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, AsIs))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject(SafetensorsFile.MetadataName);
                foreach ((string name, string text) in metadata)
                {
                    json.WriteString(StrictUtf8.GetBytes(name), StrictUtf8.GetBytes(text));
                }

                json.WriteEndObject();
            }

            long offset = 0;
            foreach (Entry entry in entries)
            {
                long size = entry.Tensor.numel() * entry.Tensor.ElementSize;
                json.WriteStartObject(StrictUtf8.GetBytes(entry.Name));
                json.WriteString("dtype", entry.Type);
                WriteNumbers("shape", entry.Tensor.shape);
                WriteNumbers("data_offsets", [offset, offset + size]);
                json.WriteEndObject();
                offset += size;
            }

            json.WriteEndObject();

            void WriteNumbers(string name, long[] numbers)
            {
                json.WriteStartArray(name);
                foreach (long number in numbers)
                {
                    json.WriteNumberValue(number);
                }

                json.WriteEndArray();
            }
        }

        // Readers align the data to eight bytes; spaces after JSON are allowed.
        while (buffer.Length % 8 != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.Length <= SafetensorsFile.MaxHeaderLength
            ? buffer.ToArray()
            : throw new ArgumentException(
                $"Names and metadata take {buffer.Length} bytes; the format allows {SafetensorsFile.MaxHeaderLength}.",
                nameof(metadata)
            );
    }

    private sealed record Entry(string Name, Tensor Tensor, string Type, int Order);
}

using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;
using AttentionLab.Core;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// A safetensors file: eight bytes with the header's length, a JSON header, then the tensors' raw little-endian data, without
/// gaps.
/// </summary>
internal sealed class SafetensorsFile : TensorFile
{
    /// <summary>The reference implementation's limit.</summary>
    public const int MaxHeaderLength = 100_000_000;

    private const int LongestReason = 300;

    public const string MetadataName = "__metadata__";

    // An object of objects of arrays.
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 3, AllowDuplicateProperties = false };

    private readonly long _dataStart;
    private readonly Dictionary<string, long> _begins;

    public SafetensorsFile(MappedFile file)
        : base(file)
    {
        byte[] header = ReadHeader();
        _dataStart = 8 + header.Length;
        try
        {
            using JsonDocument json = JsonDocument.Parse(header, Strict);
            Metadata = json.RootElement.TryGetProperty(MetadataName, out JsonElement metadata)
                ? ReadMetadata(metadata)
                : new Dictionary<string, string>();
            Entry[] entries =
            [
                .. json
                    .RootElement.EnumerateObject()
                    .Where(property => property.Name != MetadataName)
                    .Select(ReadEntry)
                    .OrderBy(entry => entry.Begin)
                    .ThenBy(entry => entry.End),
            ];
            CheckLayout(entries);
            _begins = entries.ToDictionary(entry => entry.Name, entry => entry.Begin);
            All = new OrderedDictionary<string, TensorInfo>(entries.Select(entry => KeyValuePair.Create(entry.Name, entry.Info)));
        }
        catch (JsonException e)
        {
            throw Broken($"its header is not a JSON object of tensors ({Excerpt.Of(e.Message, LongestReason)})", e);
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw Broken("its header is not a JSON object of tensors, each with dtype, shape and data_offsets", e);
        }
    }

    public override string Format => "safetensors";

    public override IReadOnlyDictionary<string, string> Metadata { get; }

    private protected override IReadOnlyDictionary<string, TensorInfo> All { get; }

    private protected override Tensor ReadKnown(string name)
    {
        TensorInfo info = All[name];
        using Stream bytes = File.View(_dataStart + _begins[name], info.ByteCount);
        return FromStream(name, info.Type, info.Shape, bytes);
    }

    private byte[] ReadHeader()
    {
        if (File.Length < 10)
        {
            throw Broken($"it has {File.Length} bytes; even an empty one has 10");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(File.Bytes(0, 8));
        if (length < 2 || length > (ulong)(File.Length - 8))
        {
            throw Broken($"its header claims {length} bytes of the file's {File.Length}");
        }

        if (length > MaxHeaderLength)
        {
            throw Broken($"its header claims {length} bytes; the format allows {MaxHeaderLength}");
        }

        byte[] header = File.Bytes(8, (int)length);
        return header[0] != (byte)'{' ? throw Broken("its header is not a JSON object of tensors: it does not begin with {")
            : !Utf8.IsValid(header) ? throw Broken("its header is not UTF-8 text")
            : header;
    }

    private Dictionary<string, string> ReadMetadata(JsonElement metadata) =>
        metadata
            .EnumerateObject()
            .ToDictionary(
                item => item.Name,
                item =>
                    item.Value.ValueKind == JsonValueKind.String
                        ? item.Value.GetString()!
                        : throw Broken($"its metadata '{Excerpt.Of(item.Name)}' is not text")
            );

    private Entry ReadEntry(JsonProperty property)
    {
        string name = property.Name,
            typeName = property.Value.GetProperty("dtype").GetString() ?? "null";
        ScalarType type;
        try
        {
            type = SafetensorsTypes.Parse(typeName);
        }
        catch (FormatException e)
        {
            throw Broken($"'{Excerpt.Of(name)}' {e.Message}", e);
        }

        long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(side => side.GetInt64())];
        JsonElement offsets = property.Value.GetProperty("data_offsets");
        if (offsets.GetArrayLength() != 2)
        {
            throw Broken($"'{Excerpt.Of(name)}' has {offsets.GetArrayLength()} data_offsets in place of two");
        }

        if (TensorInfo.Complaint(type, shape) is { } complaint)
        {
            throw Broken($"'{Excerpt.Of(name)}' {complaint}");
        }

        var info = new TensorInfo(type, shape);
        long begin = offsets[0].GetInt64(),
            end = offsets[1].GetInt64(),
            dataLength = File.Length - _dataStart;
        return begin >= 0 && begin <= end && end <= dataLength && end - begin == info.ByteCount
            ? new Entry(name, info, begin, end)
            : throw Broken(
                $"'{Excerpt.Of(name)}' ({Excerpt.Of(typeName)} {info.ShapeText}) needs {info.ByteCount} bytes and claims bytes "
                    + $"{begin} to {end} of {dataLength}: the file is truncated or damaged"
            );
    }

    private void CheckLayout(Entry[] entries)
    {
        long at = 0;
        foreach (Entry entry in entries)
        {
            if (entry.Begin != at)
            {
                throw Broken(
                    $"'{Excerpt.Of(entry.Name)}' begins at byte {entry.Begin} of the data, where the tensors before it end at "
                        + $"{at}: {(entry.Begin > at ? "bytes between them belong to none" : "they overlap")}"
                );
            }

            at = entry.End;
        }

        if (_dataStart + at != File.Length)
        {
            throw Broken($"{File.Length - _dataStart - at} bytes at its end belong to no tensor");
        }
    }

    private InvalidDataException Broken(string what, Exception? inner = null) =>
        new($"{Path} is not a whole safetensors file: {what}.", inner);

    private sealed record Entry(string Name, TensorInfo Info, long Begin, long End);
}

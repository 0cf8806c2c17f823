namespace AttentionLab.Models;

/// <summary>A tensor as an ONNX file holds it (<c>TensorProto</c>), not yet decoded.</summary>
internal sealed class OnnxTensor
{
    /// <summary>The value's name; empty for a tensor in an attribute.</summary>
    public string Name { get; set; } = "";

    /// <summary>The sides as the file claims them.</summary>
    public List<long> Dims { get; } = [];

    /// <summary>The format's number of the element type.</summary>
    public long DataType { get; set; }

    /// <summary>Little-endian elements; null where they stand in one of the lists or in another file.</summary>
    public ReadOnlyMemory<byte>? Raw { get; set; }

    /// <summary>Elements of float tensors.</summary>
    public List<float> Floats { get; } = [];

    /// <summary>Elements of double tensors.</summary>
    public List<double> Doubles { get; } = [];

    /// <summary>Elements of integer, bool and half-precision tensors, from int32, int64 and uint64 fields.</summary>
    public List<long> Integers { get; } = [];

    /// <summary>Whether its elements are texts.</summary>
    public bool HasTexts { get; set; }

    /// <summary>Whether the elements lie in another file.</summary>
    public bool IsExternal { get; set; }

    /// <summary>Where they lie: <c>location</c>, <c>offset</c>, <c>length</c>.</summary>
    public Dictionary<string, string> External { get; } = [];

    /// <summary>Where the message begins in the file, in bytes.</summary>
    public long Offset { get; init; }
}

namespace AttentionLab.Models;

/// <summary>What an ONNX file holds (<c>ModelProto</c>), as far as a network needs it.</summary>
internal sealed class OnnxModel
{
    /// <summary>Who wrote the file, with the version.</summary>
    public string Producer { get; set; } = "";

    /// <summary>The versions of operator sets, by domain; ONNX's own is the empty one.</summary>
    public Dictionary<string, long> Opsets { get; } = [];

    /// <summary>The network.</summary>
    public OnnxGraph Graph { get; set; } = new();

    /// <summary>Whether a graph was there at all.</summary>
    public bool HasGraph { get; set; }

    /// <summary>Functions that nodes call.</summary>
    public List<OnnxFunction> Functions { get; } = [];

    /// <summary>Text that the file carries.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>The version of ONNX's own operators.</summary>
    public int Opset => (int)Opsets.GetValueOrDefault("", 1);
}

namespace AttentionLab.Models;

/// <summary>A graph (<c>GraphProto</c>): nodes, and what they share.</summary>
internal sealed class OnnxGraph
{
    /// <summary>The steps, each after those whose values it takes.</summary>
    public List<OnnxNode> Nodes { get; } = [];

    /// <summary>Weights and other constants.</summary>
    public List<OnnxTensor> Initializers { get; } = [];

    /// <summary>What goes in; older exporters list the initializers here, too.</summary>
    public List<OnnxValueInfo> Inputs { get; } = [];

    /// <summary>What comes out.</summary>
    public List<OnnxValueInfo> Outputs { get; } = [];

    /// <summary>Whether some initializer is sparse.</summary>
    public bool HasSparse { get; set; }

    /// <summary>Where a graph in an attribute begins in the file, in bytes.</summary>
    public long Offset { get; init; }
}

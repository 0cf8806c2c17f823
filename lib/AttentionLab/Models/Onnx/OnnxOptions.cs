namespace AttentionLab.Models;

/// <summary>How an ONNX file is read.</summary>
public sealed record OnnxOptions
{
    /// <summary>The name of the output that the network returns; null for its first.</summary>
    public string? Output { get; init; }

    /// <summary>In which order the file's network takes the axes of pictures.</summary>
    public OnnxLayout Layout { get; init; }
}

namespace AttentionLab.Models;

/// <summary>What a graph says of a value that goes in or comes out (<c>ValueInfoProto</c>).</summary>
internal sealed class OnnxValueInfo
{
    /// <summary>The value's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The format's number of the element type; 0 where it is not said or no tensor.</summary>
    public long ElementType { get; set; }

    /// <summary>The sides, null for one that is free; null where no shape is said.</summary>
    public List<long?>? Shape { get; set; }
}

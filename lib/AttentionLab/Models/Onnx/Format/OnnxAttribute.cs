namespace AttentionLab.Models;

/// <summary>A node's attribute (<c>AttributeProto</c>).</summary>
internal sealed class OnnxAttribute
{
    /// <summary>The attribute's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>In a function: the name of the caller's attribute whose value is taken; else null.</summary>
    public string? Reference { get; set; }

    /// <summary>A float.</summary>
    public float? Float { get; set; }

    /// <summary>An integer.</summary>
    public long? Integer { get; set; }

    /// <summary>A text.</summary>
    public string? Text { get; set; }

    /// <summary>A tensor.</summary>
    public OnnxTensor? Tensor { get; set; }

    /// <summary>Several floats.</summary>
    public List<float> Floats { get; } = [];

    /// <summary>Several integers.</summary>
    public List<long> Integers { get; } = [];

    /// <summary>Several texts.</summary>
    public List<string> Texts { get; } = [];

    /// <summary>A graph, such as a branch of a choice.</summary>
    public OnnxGraph? Graph { get; set; }

    /// <summary>Whether it holds several graphs.</summary>
    public bool HasGraphs { get; set; }
}

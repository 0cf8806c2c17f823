namespace AttentionLab.Models;

/// <summary>A function that the model brings along (<c>FunctionProto</c>): nodes under one name.</summary>
internal sealed class OnnxFunction
{
    /// <summary>The name that nodes call it by.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its domain.</summary>
    public string Domain { get; set; } = "";

    /// <summary>Which of several functions of one name it is.</summary>
    public string Overload { get; set; } = "";

    /// <summary>Names of the values that go in.</summary>
    public List<string> Inputs { get; } = [];

    /// <summary>Names of the values that come out.</summary>
    public List<string> Outputs { get; } = [];

    /// <summary>Its steps.</summary>
    public List<OnnxNode> Nodes { get; } = [];

    /// <summary>Attributes with the values they have where the caller gives none.</summary>
    public Dictionary<string, OnnxAttribute> Defaults { get; } = [];
}

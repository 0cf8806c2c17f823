using AttentionLab.Core;

namespace AttentionLab.Models;

/// <summary>One step of a graph (<c>NodeProto</c>).</summary>
internal sealed record OnnxNode
{
    /// <summary>The node's name; may be empty.</summary>
    public string Name { get; set; } = "";

    /// <summary>The operator: <c>Conv</c>, <c>Relu</c>, …</summary>
    public string Operator { get; set; } = "";

    /// <summary>The operator's domain; empty for ONNX's own.</summary>
    public string Domain { get; set; } = "";

    /// <summary>Which of a function's overloads is meant.</summary>
    public string Overload { get; set; } = "";

    /// <summary>Names of the values that go in; empty for an optional one that is left out.</summary>
    public List<string> Inputs { get; init; } = [];

    /// <summary>The last of the inputs as the branches of a choice call them: values from outside that they take.</summary>
    public IReadOnlyList<string> Captured { get; init; } = [];

    /// <summary>Names of the values that come out; empty for one that nobody needs.</summary>
    public List<string> Outputs { get; init; } = [];

    /// <summary>Attributes by name.</summary>
    public Dictionary<string, OnnxAttribute> Attributes { get; init; } = [];

    /// <summary>Text that exporters write beside a node.</summary>
    public Dictionary<string, string> Metadata { get; init; } = [];

    /// <summary>Where the message begins in the file, in bytes.</summary>
    public long Offset { get; init; }

    /// <summary>The node for a message: "'/layer1/Conv' (Conv)", or by its output where it has no name.</summary>
    public override string ToString() =>
        Name.Length > 0
            ? $"'{Excerpt.Of(Name)}' ({Excerpt.Of(Operator)})"
            : $"{Excerpt.Of(Operator)} at byte {Offset}"
                + (
                    Outputs.FirstOrDefault(output => output.Length > 0) is { } output
                        ? $", which makes '{Excerpt.Of(output)}'"
                        : ""
                );
}

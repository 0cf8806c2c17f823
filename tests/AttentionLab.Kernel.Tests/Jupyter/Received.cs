using System.Text.Json.Nodes;

namespace AttentionLab.Kernel.Tests.Jupyter;

/// <summary>A message from the kernel.</summary>
public sealed record Received(string Type, JsonNode Header, JsonNode Parent, JsonNode Content)
{
    public string? this[string name] =>
        Content[name] switch
        {
            JsonValue value => value.ToString(),
            { } other => other.ToJsonString(),
            null => null,
        };

    /// <summary>The plain text of a value.</summary>
    public string? Text => (string?)Content["data"]?["text/plain"];
}

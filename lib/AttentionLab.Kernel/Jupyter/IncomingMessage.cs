using System.Text.Json.Nodes;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>A message from a client, its signature verified.</summary>
/// <param name="Channel">The socket it came through.</param>
/// <param name="Identities">The way back to its sender.</param>
/// <param name="Header">Its header as it came: the parent header of all that it causes.</param>
/// <param name="Type">Its header's msg_type.</param>
/// <param name="ParentId">The msg_id it answers; empty for none.</param>
/// <param name="Content">Its content.</param>
internal sealed record IncomingMessage(
    MessageChannel Channel,
    IReadOnlyList<byte[]> Identities,
    byte[] Header,
    string Type,
    string ParentId,
    JsonObject Content
)
{
    /// <summary>Its place among the requests of its channel, from 1.</summary>
    public long Number { get; init; }

    /// <summary>How many bytes it came in.</summary>
    public long Length { get; init; }

    /// <summary>Why its content, which then is empty, cannot be read; null when it can.</summary>
    public string? Fault { get; init; }

    /// <summary>A text that the content must hold.</summary>
    /// <exception cref="MalformedMessageException">It does not.</exception>
    public string Text(string name) =>
        Fault is not null
            ? throw new MalformedMessageException(Fault)
            : Get<string>(name) ?? throw new MalformedMessageException($"its content has no text \"{name}\"");

    /// <summary>A flag of the content.</summary>
    public bool Flag(string name, bool otherwise) => Get<bool?>(name) ?? otherwise;

    /// <summary>A whole number of the content.</summary>
    public int Number32(string name, int otherwise) => Get<int?>(name) ?? otherwise;

    private T? Get<T>(string name) =>
        Content[name] is not { } node ? default
        : node is JsonValue value && value.TryGetValue(out T? found) ? found
        : throw new MalformedMessageException($"\"{name}\" of its content is of a wrong kind");
}

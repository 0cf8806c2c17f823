using System.Text.Json.Nodes;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>A message to a client, or through iopub to all.</summary>
/// <param name="Channel">The socket.</param>
/// <param name="Identities">Whom it is for; on iopub, the topic.</param>
/// <param name="Type">Its msg_type.</param>
/// <param name="ParentHeader">The header of the message that caused it.</param>
/// <param name="Content">Its content.</param>
internal sealed record OutgoingMessage(
    MessageChannel Channel,
    IReadOnlyList<byte[]> Identities,
    string Type,
    ReadOnlyMemory<byte> ParentHeader,
    JsonObject Content
)
{
    /// <summary>The parent header of what nothing caused.</summary>
    public static readonly byte[] NoParent = "{}"u8.ToArray();

    /// <summary>Its msg_id.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>About how much it holds.</summary>
    public long Characters { get; } = Count(Content);

    private static long Count(JsonNode? node) =>
        node switch
        {
            JsonObject json => json.Sum(property => property.Key.Length + Count(property.Value)),
            JsonArray array => array.Sum(Count),
            JsonValue value when value.TryGetValue(out string? text) => text.Length,
            _ => 8,
        };
}

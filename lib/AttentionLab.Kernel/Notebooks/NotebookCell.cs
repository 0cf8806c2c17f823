using System.Text.Json.Nodes;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>One cell of a notebook: a view of its JSON.</summary>
internal sealed class NotebookCell
{
    /// <summary>nbclient's tag of a cell that may fail: the cells after it run.</summary>
    public const string RaisesExceptionTag = "raises-exception";

    /// <summary>nbclient's tag of a cell that is passed over and keeps its outputs.</summary>
    public const string SkipExecutionTag = "skip-execution";

    private NotebookCell(JsonObject json, string kind, string source)
    {
        Json = json;
        Kind = kind;
        Source = source;
    }

    /// <summary>The cell as it is written.</summary>
    public JsonObject Json { get; }

    /// <summary>"code", "markdown" or "raw".</summary>
    public string Kind { get; }

    /// <summary>The text of the cell, lines ended by \n.</summary>
    public string Source { get; }

    /// <summary>Whether the cell is run.</summary>
    public bool IsCode => Kind == "code";

    /// <summary>What the cell shows; filled while it runs.</summary>
    public JsonArray Outputs => Json["outputs"] as JsonArray ?? (JsonArray)(Json["outputs"] = new JsonArray());

    /// <summary>Whether its outputs come from this run; others came with the file, from whoever wrote it.</summary>
    public bool RanHere { get; set; }

    /// <summary>How long the cell ran, when it ran here.</summary>
    public TimeSpan? Elapsed { get; set; }

    /// <summary>The N of [N].</summary>
    public int? ExecutionCount
    {
        get => Json["execution_count"] is JsonValue value && value.TryGetValue(out int count) ? count : null;
        set => Json["execution_count"] = value;
    }

    /// <summary>Whether there are any tags.</summary>
    public bool HasTags => Tags.Any();

    /// <summary>Whether metadata.tags, a list of strings or one string written by hand, holds a tag.</summary>
    public bool HasTag(string tag) => Tags.Contains(tag);

    private IEnumerable<string> Tags =>
        (Json["metadata"] as JsonObject)?["tags"] switch
        {
            JsonArray tags => tags.OfType<JsonValue>().Select(Tag).OfType<string>(),
            JsonValue tag when Tag(tag) is { } text => [text],
            _ => [],
        };

    private static string? Tag(JsonValue value) => value.TryGetValue(out string? text) ? text : null;

    /// <summary>A new code cell with one tag.</summary>
    public static NotebookCell Code(string source, string tag, string? id)
    {
        var json = new JsonObject { ["cell_type"] = "code" };
        if (id is not null)
        {
            json["id"] = id;
        }

        json["execution_count"] = null;
        json["metadata"] = new JsonObject { ["tags"] = new JsonArray(tag) };
        json["outputs"] = new JsonArray();
        json["source"] = source;
        return new NotebookCell(json, "code", source);
    }

    /// <summary>Reads a cell; <paramref name="where"/> names it in errors.</summary>
    /// <exception cref="NotebookFormatException">The cell's kind or source is missing or of a wrong kind.</exception>
    public static NotebookCell Parse(JsonNode? node, string where)
    {
        if (node is not JsonObject json)
        {
            throw new NotebookFormatException($"{where}: a cell must be a JSON object.");
        }

        if (
            json["cell_type"] is not JsonValue type
            || !type.TryGetValue(out string? kind)
            || kind is not ("code" or "markdown" or "raw")
        )
        {
            throw new NotebookFormatException(
                $"{where}: \"cell_type\" must be \"code\", \"markdown\" or \"raw\", and is "
                    + $"{Excerpt.Of(json["cell_type"]?.ToJsonString() ?? "missing", 80)}."
            );
        }

        return new NotebookCell(
            json,
            kind,
            Text(json["source"])
                ?? throw new NotebookFormatException(
                    $"{where}: \"source\" must be a string or a list of strings, and is "
                        + $"{(json.ContainsKey("source") ? "something else" : "missing")}."
                )
        );
    }

    /// <summary>nbformat's multi-line string: a string, or a list of lines with their ends. Null for anything else.</summary>
    public static string? Text(JsonNode? node) =>
        node switch
        {
            JsonValue value when value.TryGetValue(out string? text) => text.ReplaceLineEndings("\n"),
            JsonArray lines when lines.All(line => line is JsonValue value && value.TryGetValue(out string? _)) => string.Concat(
                    lines.Select(line => line!.GetValue<string>())
                )
                .ReplaceLineEndings("\n"),
            _ => null,
        };
}

using System.Text.Json.Nodes;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>What kinds of results a notebook's cells show, whatever the results are.</summary>
internal static class OutputKinds
{
    /// <summary>A line for each code cell, such as <c>7: stream stdout · execute_result image/png, text/plain</c>.</summary>
    public static string[] Of(Notebook notebook) =>
        [
            .. notebook
                .CodeCells.Where(cell => !cell.HasTag(Parameters.InjectedTag))
                .Select((cell, i) => $"{i + 1}: {string.Join(" · ", cell.Outputs.OfType<JsonObject>().Select(Of))}"),
        ];

    private static string Of(JsonObject output)
    {
        string? type = NotebookCell.Text(output["output_type"]);
        return type == "stream" ? $"{type} {NotebookCell.Text(output["name"])}"
            : output["data"] is JsonObject data
                ? $"{type} {string.Join(", ", data.Select(each => each.Key).Order(StringComparer.Ordinal))}"
            : $"{type}";
    }
}

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>
/// .NET Interactive's text format for notebooks: each cell begins with a line such as <c>#!csharp</c>, and a first cell
/// <c>#!meta</c> holds JSON. It keeps no outputs.
/// </summary>
internal static class DibFile
{
    /// <summary>The ending of such a file.</summary>
    public const string Extension = ".dib";

    private const string Meta = "meta";
    private const string Markdown = "markdown";
    private const string Raw = "raw";

    private static readonly string[] KnownLanguages =
    [
        "csharp",
        "c#",
        "fsharp",
        "f#",
        "pwsh",
        "powershell",
        "javascript",
        "js",
        "html",
        Markdown,
        "md",
        "mermaid",
        "sql",
        "kql",
        "http",
        "value",
        Raw,
    ];

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether a text looks like such a file.</summary>
    public static bool Looks(string text) => text.TrimStart().StartsWith("#!", StringComparison.Ordinal);

    /// <summary>Reads a file's text as a notebook.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">Where it belongs.</param>
    /// <exception cref="NotebookFormatException">Its <c>#!meta</c> holds no JSON object.</exception>
    public static Notebook Parse(string text, string path)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        JsonObject meta = ReadMeta(lines, Path.GetFileName(path), out int start);
        JsonNode? kernelInfo = meta["kernelInfo"]?.DeepClone();
        string language = Word(kernelInfo?["defaultKernelName"]) ?? "csharp";
        HashSet<string> languages = new([.. KnownLanguages, language, .. NamesIn(kernelInfo)], StringComparer.Ordinal);
        var cells = new JsonArray();
        var source = new List<string>();
        string current = language;
        foreach (string line in lines.Skip(start))
        {
            if (line.StartsWith("#!", StringComparison.Ordinal) && languages.Contains(line[2..].TrimEnd()))
            {
                AddCell(cells, current, source);
                current = line[2..].TrimEnd();
            }
            else
            {
                source.Add(line);
            }
        }

        AddCell(cells, current, source);
        var root = new JsonObject
        {
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
            ["metadata"] = new JsonObject(),
            ["cells"] = cells,
        };
        if (kernelInfo is not null)
        {
            root["metadata"]!["polyglot_notebook"] = new JsonObject { ["kernelInfo"] = kernelInfo };
        }

        return Notebook.Parse(root.ToJsonString(), path);
    }

    /// <summary>
    /// The numbers of the text cells that become several in such a file, since one of their lines is that of a cell's beginning.
    /// </summary>
    public static IEnumerable<int> Split(Notebook notebook)
    {
        string[] beginnings = [.. KnownLanguages.Select(name => "#!" + name)];
        return notebook
            .Cells.Index()
            .Where(cell =>
                cell.Item.Kind != "code" && cell.Item.Source.Split('\n').Any(line => beginnings.Contains(line.TrimEnd()))
            )
            .Select(cell => cell.Index + 1);
    }

    /// <summary>The text of a notebook as such a file: sources, languages and the notebook's languages, but no outputs.</summary>
    public static string Write(Notebook notebook)
    {
        JsonObject kernelInfo =
            (notebook.Metadata?["polyglot_notebook"] as JsonObject)?["kernelInfo"]?.DeepClone() as JsonObject
            ?? new JsonObject
            {
                ["defaultKernelName"] = "csharp",
                ["items"] = new JsonArray(
                    new JsonObject
                    {
                        ["name"] = "csharp",
                        ["languageName"] = "C#",
                        ["aliases"] = new JsonArray("c#", "cs"),
                    }
                ),
            };
        AddNames(kernelInfo, notebook.CodeCells.Select(cell => CellLanguage.KernelName(notebook, cell)));
        var text = new StringBuilder("#!meta\n\n")
            .Append(new JsonObject { ["kernelInfo"] = kernelInfo }.ToJsonString(Compact))
            .Append("\n\n");
        foreach (NotebookCell cell in notebook.Cells)
        {
            string language =
                cell.Kind == "code" ? CellLanguage.KernelName(notebook, cell)
                : cell.Kind == Raw ? Raw
                : Markdown;
            text.Append("#!").Append(language).Append("\n\n").Append(cell.Source.Trim('\n')).Append("\n\n");
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static JsonObject ReadMeta(string[] lines, string name, out int start)
    {
        int first = Array.FindIndex(lines, line => line.Trim().Length > 0);
        if (first < 0 || lines[first].Trim() != $"#!{Meta}")
        {
            start = Math.Max(0, first);
            return [];
        }

        start = Array.FindIndex(lines, first + 1, line => line.StartsWith("#!", StringComparison.Ordinal));
        start = start < 0 ? lines.Length : start;
        try
        {
            return JsonNode.Parse(LoneSurrogates.Replace(string.Join('\n', lines[(first + 1)..start]))) as JsonObject
                ?? throw new NotebookFormatException($"{name}: #!meta must be followed by a JSON object.");
        }
        catch (JsonException e)
        {
            throw new NotebookFormatException($"{name}: what follows #!meta is not valid JSON. {Excerpt.Of(e.Message, 200)}", e);
        }
    }

    // A line begins a cell only if its name is known.
    private static void AddNames(JsonObject kernelInfo, IEnumerable<string> names)
    {
        if (kernelInfo["items"] is not JsonArray items)
        {
            kernelInfo["items"] = items = [];
        }

        foreach (string name in names.Except([.. KnownLanguages, .. NamesIn(kernelInfo)]).ToArray())
        {
            items.Add(new JsonObject { ["name"] = name, ["aliases"] = new JsonArray() });
        }
    }

    private static IEnumerable<string> NamesIn(JsonNode? kernelInfo) =>
        ((kernelInfo as JsonObject)?["items"] as JsonArray ?? [])
            .OfType<JsonObject>()
            .SelectMany(item => (item["aliases"] as JsonArray ?? []).Prepend(item["name"]))
            .Select(Word)
            .OfType<string>();

    private static string? Word(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? word) && word.Length > 0 ? word : null;

    // Blank lines at a cell's ends only separate it from its neighbours.
    private static void AddCell(JsonArray cells, string language, List<string> source)
    {
        string text = string.Join('\n', source).Trim('\n');
        source.Clear();
        if (text.Trim().Length == 0)
        {
            return;
        }

        string kind =
            language is Markdown or "md" ? Markdown
            : language == Raw ? Raw
            : "code";
        var cell = new JsonObject { ["cell_type"] = kind, ["id"] = $"cell-{cells.Count + 1}" };
        cell["metadata"] =
            kind == "code"
                ? new JsonObject
                {
                    ["dotnet_interactive"] = new JsonObject { ["language"] = language },
                    ["polyglot_notebook"] = new JsonObject { ["kernelName"] = language },
                }
                : new JsonObject();
        cell["source"] = text;
        if (kind == "code")
        {
            cell["execution_count"] = null;
            cell["outputs"] = new JsonArray();
        }

        cells.Add((JsonNode)cell);
    }
}

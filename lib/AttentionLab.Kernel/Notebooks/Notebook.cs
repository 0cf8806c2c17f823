using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>
/// A Jupyter notebook, nbformat 4. The JSON it was read from is kept, so that metadata of other tools is written back unchanged.
/// </summary>
internal sealed partial class Notebook
{
    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 512,
    };

    private readonly JsonObject _root;
    private readonly List<NotebookCell> _cells;

    private Notebook(string path, JsonObject root, List<NotebookCell> cells)
    {
        Path = path;
        _root = root;
        _cells = cells;
    }

    /// <summary>The full path of the file it was read from.</summary>
    public string Path { get; }

    /// <summary>The file's name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The folder that relative paths in the notebook start from.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(Path)!;

    /// <summary>All cells, from the top.</summary>
    public IReadOnlyList<NotebookCell> Cells => _cells;

    /// <summary>What tools say about the notebook as a whole; null when there is nothing.</summary>
    public JsonObject? Metadata => _root["metadata"] as JsonObject;

    /// <summary>The cells that are run. A cell's number in messages is its place here, from 1, as Jupyter's [1].</summary>
    public IEnumerable<NotebookCell> CodeCells => _cells.Where(cell => cell.IsCode);

    /// <summary>The first heading of the text, else the file's name.</summary>
    public string Title =>
        _cells
            .Where(cell => cell.Kind == "markdown")
            .SelectMany(cell => cell.Source.Split('\n'))
            .FirstOrDefault(line => line.StartsWith("# ", StringComparison.Ordinal))
            ?[2..].Trim()
        ?? System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>The culture that its code sets for what figures say, such as "zh"; else "en".</summary>
    public string Language =>
        CodeCells.Select(cell => UICulture().Match(cell.Source)).FirstOrDefault(match => match.Success)?.Groups[1].Value ?? "en";

    /// <summary>Reads a notebook.</summary>
    /// <exception cref="NotebookFormatException">The file cannot be read, or is not nbformat 4.</exception>
    public static Notebook Read(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            string text = File.ReadAllText(path);
            return string.Equals(System.IO.Path.GetExtension(path), DibFile.Extension, StringComparison.OrdinalIgnoreCase)
                ? DibFile.Parse(text, path)
                : Parse(text, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NotebookFormatException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a notebook from its JSON text; <paramref name="path"/> tells where it belongs.</summary>
    /// <exception cref="NotebookFormatException">The text is not nbformat 4.</exception>
    public static Notebook Parse(string json, string path)
    {
        string name = System.IO.Path.GetFileName(path);
        JsonNode? node;
        try
        {
            node = JsonNode.Parse(
                LoneSurrogates.Replace(json),
                documentOptions: new() { AllowDuplicateProperties = false, MaxDepth = 512 }
            );
        }
        catch (JsonException e)
        {
            if (DibFile.Looks(json))
            {
                throw new NotebookFormatException($"{name} is a .dib notebook by its text. Give it the ending .dib.", e);
            }

            throw new NotebookFormatException(
                $"{name} is not valid JSON{(e.LineNumber is { } line ? $" (line {line + 1})" : "")}: the file is cut off or "
                    + $"damaged. Take it from its source again, or mend it in a text editor. {Excerpt.Of(e.Message, 200)}",
                e
            );
        }

        if (node is not JsonObject root || root["nbformat"] is not JsonValue version || !version.TryGetValue(out int nbformat))
        {
            throw new NotebookFormatException($"{name} is JSON but no notebook: it has no number \"nbformat\" at the top.");
        }

        if (nbformat != 4)
        {
            throw new NotebookFormatException(
                $"{name} has nbformat {nbformat}; this runner reads nbformat 4. Open it in Jupyter or VS Code and save it again."
            );
        }

        if (root["cells"] is not JsonArray array)
        {
            throw new NotebookFormatException($"{name} has no list of \"cells\".");
        }

        return new Notebook(
            path,
            root,
            [.. array.Select((cell, i) => NotebookCell.Parse(cell, $"{name}, cell {i + 1} from the top"))]
        );
    }

    /// <summary>Puts a cell in front of the cell at an index.</summary>
    public void Insert(int index, NotebookCell cell)
    {
        _cells.Insert(index, cell);
        _root["cells"]!.AsArray().Insert(index, cell.Json);
    }

    /// <summary>Takes a cell out.</summary>
    public void Remove(NotebookCell cell)
    {
        _cells.Remove(cell);
        _root["cells"]!.AsArray().Remove(cell.Json);
    }

    /// <summary>A new code cell; notebooks from nbformat 4.5 on want an identifier in each.</summary>
    public NotebookCell NewCode(string source, string tag) => NotebookCell.Code(source, tag, NeedsIds ? tag : null);

    /// <summary>The notebooks of a folder, in the order of their names.</summary>
    public static string[] FilesIn(string folder) =>
        [.. Directory.EnumerateFiles(folder).Where(IsFile).Order(StringComparer.Ordinal)];

    /// <summary>Whether a file is a notebook by its name.</summary>
    public static bool IsFile(string path) =>
        System.IO.Path.GetExtension(path).ToLowerInvariant() is ".ipynb" or DibFile.Extension;

    /// <summary>The text of the notebook as executed here: kernelspec .net-csharp, language C#.</summary>
    public string ToJson()
    {
        if (_root["metadata"] is not JsonObject metadata)
        {
            _root["metadata"] = metadata = [];
        }

        metadata["kernelspec"] = new JsonObject
        {
            ["display_name"] = ".NET (C#)",
            ["language"] = "C#",
            ["name"] = ".net-csharp",
        };
        metadata["language_info"] = new JsonObject
        {
            ["file_extension"] = ".cs",
            ["mimetype"] = "text/x-csharp",
            ["name"] = "C#",
            ["pygments_lexer"] = "csharp",
            ["version"] = Environment.Version.ToString(),
        };
        return _root.ToJsonString(Written) + "\n";
    }

    /// <summary>The text of the notebook with its metadata as they were read.</summary>
    public string ToSourceJson() => _root.ToJsonString(Written) + "\n";

    /// <summary>Sets what a tool says about the notebook as a whole.</summary>
    public void SetMetadata(string key, JsonNode value)
    {
        if (_root["metadata"] is not JsonObject metadata)
        {
            _root["metadata"] = metadata = [];
        }

        metadata[key] = value;
    }

    [GeneratedRegex("""UICulture = new\("([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)"\)""")]
    private static partial Regex UICulture();

    private bool NeedsIds => _root["nbformat_minor"] is JsonValue minor && minor.TryGetValue(out int value) && value >= 5;
}

using System.Text.Json.Nodes;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>The language of a cell, which the menus of VS Code write into metadata only.</summary>
internal static class CellLanguage
{
    private const string CSharp = "csharp";
    private const string Html = "html";
    private const string Markdown = "markdown";
    private const string Mermaid = "Mermaid";
    private const string JavaScript = "JavaScript";
    private const string OfAnyCell = "polyglot-notebook"; // what VS Code calls the language of all cells of Polyglot Notebooks
    private const string OfEarlierExtension = "dotnet-interactive."; // in 2022 VS Code called C# "dotnet-interactive.csharp"

    // What VS Code, Polyglot Notebooks, .NET Interactive and Jupyter call a language.
    private static readonly Dictionary<string, string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["c#"] = CSharp,
        ["cs"] = CSharp,
        ["csharp"] = CSharp,
        [".net"] = CSharp,
        ["html"] = Html,
        ["markdown"] = Markdown,
        ["md"] = Markdown,
        ["f#"] = "F#",
        ["fs"] = "F#",
        ["fsharp"] = "F#",
        ["powershell"] = "PowerShell",
        ["pwsh"] = "PowerShell",
        ["javascript"] = JavaScript,
        ["js"] = JavaScript,
        ["typescript"] = "TypeScript",
        ["sql"] = "SQL",
        ["kql"] = "KQL",
        ["python"] = "Python",
        ["r"] = "R",
        ["julia"] = "Julia",
        ["mermaid"] = Mermaid,
        ["http"] = "HTTP",
        ["vb"] = "Visual Basic",
    };

    /// <summary>A cell's text as the C# engine takes it.</summary>
    /// <param name="notebook">The notebook, which may name a language for all of its cells.</param>
    /// <param name="cell">One of its code cells.</param>
    /// <param name="code">The text; languages that are shown instead of run get the line that says so.</param>
    /// <returns>Why the cell cannot be run; null when it can.</returns>
    public static string? Translate(Notebook notebook, NotebookCell cell, out string code)
    {
        code = cell.Source;
        string first = Directives.FirstWord(code.TrimStart().Split('\n', 2)[0]);
        if (Directives.NamesLanguage(first))
        {
            return null;
        }

        string? own = OfCell(cell);
        string name = own ?? OfNotebook(notebook.Metadata) ?? CSharp,
            language = Names.GetValueOrDefault(name, name);
        if (language is CSharp)
        {
            return null;
        }

        string written = $"This cell is written in {language}, as {(own is null ? "the notebook's" : "its")} metadata says";
        if (language is not (Html or Markdown or Mermaid or JavaScript))
        {
            return $"{written}; C#, HTML, Markdown, Mermaid and JavaScript are known here. "
                + $"Choose another language for it, or tag it \"{NotebookCell.SkipExecutionTag}\".";
        }

        if (first.StartsWith("#!", StringComparison.Ordinal) && !(language is JavaScript && first is "#!set" or "#!share"))
        {
            return $"{written}, and begins with {first}, which serves cells in C# only. Take that line out, or tag the cell "
                + $"\"{NotebookCell.SkipExecutionTag}\".";
        }

        code = $"#!{language.ToLowerInvariant()}\n{code}";
        return null;
    }

    /// <summary>The name by which .NET Interactive knows a code cell's language: "csharp", "fsharp", "pwsh", "html" …</summary>
    public static string KernelName(Notebook notebook, NotebookCell cell)
    {
        string name = OfCell(cell) ?? OfNotebook(notebook.Metadata) ?? CSharp;
        return Names.GetValueOrDefault(name) switch
        {
            "F#" => "fsharp",
            "PowerShell" => "pwsh",
            { } known => known.ToLowerInvariant().Replace(' ', '-'),
            null => name, // as its notebook connected it
        };
    }

    private static string? OfCell(NotebookCell cell) =>
        cell.Json["metadata"] is JsonObject metadata
            ? Word(metadata, "vscode", "languageId")
                ?? Word(metadata, "polyglot_notebook", "kernelName")
                ?? Word(metadata, "dotnet_interactive", "language")
            : null;

    private static string? OfNotebook(JsonObject? metadata) =>
        metadata is null
            ? null
            : Word(metadata, "polyglot_notebook", "kernelInfo", "defaultKernelName")
                ?? Word(metadata, "kernelspec", "language")
                ?? Word(metadata, "language_info", "name");

    private static string? Word(JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (string name in path)
        {
            node = (node as JsonObject)?[name];
        }

        if (node is not JsonValue value || !value.TryGetValue(out string? word))
        {
            return null;
        }

        word = word.StartsWith(OfEarlierExtension, StringComparison.Ordinal) ? word[OfEarlierExtension.Length..] : word;
        return word.Length > 0 && word != OfAnyCell ? word : null;
    }
}

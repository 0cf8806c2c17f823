using System.Text.RegularExpressions;

namespace AttentionLab.Cookbook;

/// <summary>A recipe's source: its body as the page shows it, and a whole cell to paste into a notebook.</summary>
public sealed partial class RecipeCode
{
    private const string Indent = "        ";

    private readonly string[] _lines;

    /// <summary>Reads the source, which is embedded in the assembly.</summary>
    public RecipeCode(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        Type type = recipe.GetType();
        using Stream source =
            type.Assembly.GetManifestResourceStream($"{type.Name}.cs")
            ?? throw new ArgumentException($"{type.Name} has no source {type.Name}.cs in a category's folder.", nameof(recipe));
        using var reader = new StreamReader(source);
        _lines = reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n');
    }

    /// <summary>The lines of <see cref="Recipe.Execute"/>, without their indentation.</summary>
    public IReadOnlyList<string> Body =>
        [
            .. _lines
                .SkipWhile(line => !line.EndsWith("void Execute()", StringComparison.Ordinal))
                .Skip(2)
                .TakeWhile(line => line != "    }")
                .Select(line => line.StartsWith(Indent, StringComparison.Ordinal) ? line[Indent.Length..] : line),
        ];

    /// <summary>The body after the usings that it needs, and the lines that make what it works on.</summary>
    public string Whole
    {
        get
        {
            string body = string.Join('\n', Body);
            string[] made = MadeBefore(body);
            string code = string.Join('\n', [.. made, "", body]).TrimStart('\n');
            return string.Join('\n', [.. Usings(code), "", code]) + '\n';
        }
    }

    /// <summary>The lines that make what the body names, and what these lines name in turn.</summary>
    private static string[] MadeBefore(string body)
    {
        var needed = new List<string>();
        string code = body;
        foreach ((string name, string line) in Ingredients.Lines.Reverse())
        {
            bool used = Regex.IsMatch(code, $@"(?<![\w.""]){name}\b(?!:)");
            if (used && !Regex.IsMatch(body, $@"[\w\]>] {name} = "))
            {
                needed.Insert(0, line);
                code += '\n' + line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..];
            }
        }

        return [.. needed];
    }

    /// <summary>The file's own usings, those of the lines before it, and what a project has without saying so.</summary>
    private IEnumerable<string> Usings(string code)
    {
        IEnumerable<string> own = _lines.Where(line => line.StartsWith("using ", StringComparison.Ordinal));
        (string Mark, string Using)[] more =
        [
            (@"\b(File|Path|Directory)\.", "using System.IO;"),
            (@"\b(DataSet|ShapeSet)\b", "using AttentionLab.Data;"),
            (@"\bImage\b", "using AttentionLab.Imaging;"),
            (@"\b(TrainedNetwork|SeCnn)\b", "using AttentionLab.Models;"),
            (@"\bTensor\b", "using static TorchSharp.torch;"),
        ];
        return own.Concat(more.Where(each => Regex.IsMatch(code, each.Mark)).Select(each => each.Using))
            .Distinct()
            .OrderBy(line =>
                (line.Contains("static", StringComparison.Ordinal), !line.StartsWith("using System", StringComparison.Ordinal))
            )
            .ThenBy(line => line, StringComparer.Ordinal);
    }
}

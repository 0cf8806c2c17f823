using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AttentionLab.Kernel.Notebooks;
using Markdig;

namespace AttentionLab.Host.Tests.Lessons;

/// <summary>The Chinese edition: the English one's cells, with prose in the terms of its glossary.</summary>
public sealed partial class ChineseEditionTests
{
    private static readonly string English = Path.Combine(Workspace.Repository, "notebooks"),
        Chinese = Path.Combine(English, "zh");

    private static readonly Glossary Terms = Glossary.Read(Path.Combine(Chinese, "glossary.md"));

    /// <summary>Lessons and solutions, named from the edition's folder.</summary>
    public static TheoryData<string> Names => [.. NotebooksOf(English)];

    [Fact]
    public void Every_lesson_and_every_solution_is_translated() => Assert.Equal(NotebooksOf(English), NotebooksOf(Chinese));

    [Theory]
    [MemberData(nameof(Names))]
    public void Code_differs_in_the_figures_language_and_in_paths_only(string name)
    {
        (Notebook english, Notebook chinese) = Both(name);

        Assert.Equal(Kernel(english), Kernel(chinese));
        Assert.Equal(english.Cells.Select(Identity), chinese.Cells.Select(Identity));
        Assert.Equal(english.CodeCells.Select(cell => Translated(cell.Source)), chinese.CodeCells.Select(cell => cell.Source));
        Assert.EndsWith(LanguageLine("en"), english.CodeCells.First().Source, StringComparison.Ordinal);
        Assert.EndsWith(LanguageLine("zh"), chinese.CodeCells.First().Source, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Formulas_and_names_of_code_stay(string name)
    {
        foreach ((string english, string chinese) in Prose(name))
        {
            Assert.Equal(Verbatim(english), Verbatim(chinese));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Terms_are_those_of_the_glossary(string name)
    {
        foreach ((string english, string chinese) in Prose(name))
        {
            string[] missing = [.. Terms.Missing(Words(english), chinese)];
            Assert.True(missing.Length == 0, $"{name} lacks {string.Join("; ", missing)}:\n{chinese}\n\nEnglish:\n{english}");
        }
    }

    [Fact]
    public void The_glossary_names_each_term_once()
    {
        Assert.Distinct(Terms.English, StringComparer.OrdinalIgnoreCase);
        Assert.InRange(Terms.English.Count(), 60, 1000);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_prose_is_left_in_English(string name)
    {
        foreach ((_, string chinese) in Prose(name))
        {
            string words = Words(chinese);
            int characters = words.Count(IsChinese),
                letters = words.Count(char.IsAsciiLetter);
            Assert.True(3 * characters >= characters + letters, $"{name}: less than a third is Chinese:\n{chinese}");
            Assert.DoesNotMatch(FourEnglishWords(), words);
        }
    }

    /// <summary>Markdown shows <c>**词。**词</c> with its asterisks: after punctuation a closing one needs a space.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Emphasis_shows_as_emphasis(string name) =>
        Assert.All(
            Prose(name),
            cell => Assert.DoesNotContain('*', Markdown.ToPlainText(VerbatimParts().Replace(cell.Chinese, "`x`")))
        );

    [Fact]
    public void Links_lead_to_files()
    {
        foreach (string path in Directory.EnumerateFiles(Chinese, "*", SearchOption.AllDirectories).Where(IsPage))
        {
            string text = path.EndsWith(".md", StringComparison.Ordinal)
                ? File.ReadAllText(path)
                : string.Join("\n\n", Notebook.Read(path).Cells.Where(cell => !cell.IsCode).Select(cell => cell.Source));
            string folder = Path.GetDirectoryName(path)!;
            string[] targets =
            [
                .. Links()
                    .Matches(text)
                    .Select(link => link.Groups[1].Value.Split('#')[0])
                    .Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)),
            ];
            Assert.All(targets, target => Assert.True(Path.Exists(Path.Combine(folder, target)), $"{path}: {target}"));
        }
    }

    /// <summary>The line holds for later cells, on whatever thread they run.</summary>
    [Theory]
    [InlineData("en", "Training loss per iteration")]
    [InlineData("zh", "每次迭代的训练损失")]
    public async Task Figures_speak_the_notebooks_language(string language, string title)
    {
        using var workspace = new Workspace();
        workspace.Notebook(
            "figure.ipynb",
            $"#r \"{Workspace.Library}\"\nusing AttentionLab.Figures;\n\n{LanguageLine(language)}",
            "await Task.Delay(1);\nawait Task.Run(() => TrainingCharts.Iterations([2.0, 1.0]).Title)"
        );

        Assert.Equal(0, await workspace.RunAll());

        JsonNode? output = Assert.Single(workspace.Outputs("figure.ipynb", 2));
        Assert.Contains(title, (string?)output!["data"]!["text/plain"], StringComparison.Ordinal);
    }

    /// <summary>Classes, methods and layers keep their names; two English words in a row are a label without translation.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Stored_figures_have_no_english_labels(string name)
    {
        foreach (NotebookCell cell in Both(name).Chinese.CodeCells)
        {
            Assert.All(
                cell.Outputs.Where(output => output!["data"]?["image/png"] is not null),
                output => Assert.DoesNotMatch(TwoEnglishWords(), NotebookCell.Text(output!["data"]!["text/plain"]))
            );
        }
    }

    /// <summary>Heads of tables are the names of the code's properties; the prose before a table says them in Chinese.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Table_heads_are_explained_before_the_table(string name)
    {
        IReadOnlyList<NotebookCell> cells = Both(name).Chinese.Cells;
        foreach (int i in Enumerable.Range(1, cells.Count - 1).Where(i => cells[i].IsCode))
        {
            IEnumerable<string> heads = cells[i]
                .Outputs.SelectMany(output => TableHead().Matches(NotebookCell.Text(output!["data"]?["text/html"]) ?? ""))
                .Select(head => head.Groups[1].Value);
            Assert.All(heads, head => Assert.Matches($@"\b{head} [\u4e00-\u9fff]", cells[i - 1].Source));
        }
    }

    private static string LanguageLine(string language) =>
        $"System.Globalization.CultureInfo.DefaultThreadCurrentUICulture = new(\"{language}\");";

    private static string Translated(string code) =>
        code.Replace(LanguageLine("en"), LanguageLine("zh"), StringComparison.Ordinal)
            .Replace("\"../", "\"../../", StringComparison.Ordinal);

    private static string[] NotebooksOf(string edition) =>
        [
            .. new[] { edition, Path.Combine(edition, "solutions") }
                .SelectMany(folder => Directory.GetFiles(folder, "*.ipynb"))
                .Select(path => Path.GetRelativePath(edition, path).Replace('\\', '/'))
                .Order(StringComparer.Ordinal),
        ];

    private static (Notebook English, Notebook Chinese) Both(string name) =>
        (Notebook.Read(Path.Combine(English, name)), Notebook.Read(Path.Combine(Chinese, name)));

    /// <summary>The text cells of both editions, side by side.</summary>
    private static List<(string English, string Chinese)> Prose(string name)
    {
        (Notebook english, Notebook chinese) = Both(name);
        return
        [
            .. english
                .Cells.Zip(chinese.Cells)
                .Where(pair => !pair.First.IsCode)
                .Select(pair => (pair.First.Source, pair.Second.Source)),
        ];
    }

    private static string? Kernel(Notebook notebook) =>
        notebook.Metadata?["kernelspec"]?.ToJsonString() + notebook.Metadata?["language_info"]?.ToJsonString();

    private static (string, string?, string?) Identity(NotebookCell cell) =>
        (cell.Kind, (string?)cell.Json["id"], cell.Json["metadata"]?.ToJsonString());

    private static string[] Verbatim(string text) =>
        [
            .. VerbatimParts()
                .Matches(text)
                .Select(part => Spaces().Replace(part.Value, " "))
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>A text without formulas, code, targets of links and marks of emphasis, on one line.</summary>
    private static string Words(string text)
    {
        string words = Links().Replace(VerbatimParts().Replace(text, " "), "]");
        return Spaces().Replace(words.Replace("*", "", StringComparison.Ordinal), " ");
    }

    private static bool IsChinese(char letter) => letter is >= '\u4e00' and <= '\u9fff';

    private static bool IsPage(string path) => Path.GetExtension(path) is ".ipynb" or ".md";

    [GeneratedRegex(@"```.*?```|\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]*`", RegexOptions.Singleline)]
    private static partial Regex VerbatimParts();

    [GeneratedRegex(@"\]\(([^)\s]*)\)")]
    private static partial Regex Links();

    [GeneratedRegex("[A-Za-z]{2,}( [A-Za-z]{2,}){3,}")]
    private static partial Regex FourEnglishWords();

    [GeneratedRegex(@"\b[A-Za-z]{2,}\b[ ,]+\b[A-Za-z]{2,}\b")]
    private static partial Regex TwoEnglishWords();

    [GeneratedRegex("<th[^>]*>([^<]*)<")]
    private static partial Regex TableHead();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

using System.Diagnostics;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Tests.Session;

public sealed class CSharpCompletionTests : IDisposable
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    private readonly CSharpEngine _engine = new(Path.GetTempPath());
    private readonly CSharpCompletion _completion;

    public CSharpCompletionTests() => _completion = new CSharpCompletion(_engine);

    [Theory]
    [InlineData("\"text\".Le|", "Length", "property")]
    [InlineData("name.ToDi|", "ToDictionary", "method")]
    [InlineData("number.|", "CompareTo", "method")]
    [InlineData("name.Sub|string(", "Substring", "method")]
    [InlineData("rows[0].|", "Column", "property")]
    [InlineData("rows.Wh|", "Where", "method")]
    [InlineData("point.|", "X", "property")]
    [InlineData("parsed.|", "CompareTo", "method")]
    [InlineData("new Po|", "Point", "structure")]
    [InlineData("Twi|", "Twice", "method")]
    [InlineData("nam|", "name", "field")]
    [InlineData("using System.Thr|", "Threading", "namespace")]
    [InlineData("#r \"some.dll\"\nforeach (var row in rows)\n{\n    Console.WriteLine(row.|", "Column", "property")]
    [InlineData("var s = \"😀\"; if (s.|", "Length", "property")]
    [InlineData("int own = 1; ow|", "own", "field")]
    [InlineData("new StringBui|", "StringBuilder", "class")]
    [InlineData("Stopw|", "Stopwatch", "class")]
    [InlineData("awa|", "await", "keyword")]
    [InlineData("record.|", "Add", "method")]
    [InlineData("record.Add(1); record.Capa|", "Capacity", "property")]
    [InlineData("if (true)\n{\n    record.Ad|", "Add", "method")]
    [InlineData("extension.Sub|string(", "Substring", "method")]
    [InlineData("extension.Trim();\nrec|", "record", "field")]
    [InlineData("union.|", "CompareTo", "method")]
    [InlineData("field.|", "CompareTo", "method")]
    [InlineData("file.|", "CompareTo", "method")]
    public async Task Names_of_this_cell_and_all_before_are_known(string marked, string text, string kind)
    {
        await Run(
            "using System.Diagnostics;\nint number = 1; string name = \"2\";",
            "string name = \"n\"; record struct Point(int X, int Y); var rows = new List<string>().Select(s => new { Column = "
                + "s }).ToList();",
            "var rows = new[] { 1 }.Select(s => new { Column = s }).ToList(); int number = 3;",
            "var record = new List<int>(); string extension = \"x\"; int union = 1, field = 2, file = 3;",
            "Point point = new(1, 2); int.TryParse(\"1\", out var parsed); int Twice(int v) => 2 * v; throw new Exception();"
        );
        int cursor = marked.IndexOf('|', StringComparison.Ordinal);
        string code = marked.Remove(cursor, 1);
        Completions found = await _completion.CompleteAsync(code, cursor, Token);
        CompletionEntry entry = Assert.Single(found.Items, item => item.Text == text);
        Assert.Equal(kind, entry.Kind);
        Assert.True(found.Start <= cursor && cursor <= found.End);
        Assert.StartsWith(code[found.Start..cursor], text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#r \"../engine/|", "Own.dll sub/", 14)]
    [InlineData("1\n#r \"../engine/su|", "sub/", 16)]
    [InlineData("#!import ../engine/|", "a.ipynb b.cs sub/", 19)]
    [InlineData("#load \"../engine/b|", "b.cs", 17)]
    [InlineData("#r \"nu|", "nuget:", 4)]
    [InlineData("#r \"../none/|", "", 12)]
    public async Task Files_and_folders_are_offered_where_a_path_stands(string marked, string words, int start)
    {
        using var workspace = new Workspace();
        foreach (
            string file in (string[])
                ["engine/Own.dll", "engine/a.ipynb", "engine/b.cs", "engine/.hidden", "engine/sub/c.dll", "here/x.cs"]
        )
        {
            workspace.Write(file, "");
        }

        using var engine = new CSharpEngine(workspace.At("here"));
        Completions found = await new CSharpCompletion(engine).CompleteAsync(marked[..^1], marked.Length - 1, Token);
        Assert.Equal(words, string.Join(' ', found.Items.Select(item => item.Text)));
        Assert.Equal((start, marked.Length - 1), (found.Start, found.End));
    }

    [Fact]
    public async Task What_starts_as_typed_comes_first()
    {
        Completions found = await _completion.CompleteAsync("Math.Sq", 7, Token);
        Assert.Equal("Sqrt", found.Items[0].Text);
    }

    [Theory]
    [InlineData("#!m|", "#!markdown #!mermaid")]
    [InlineData("1\n  #!wh|", "#!who #!whos")]
    public async Task On_the_hosts_own_lines_their_first_words_are_known(string marked, string words)
    {
        Completions found = await _completion.CompleteAsync(marked[..^1], marked.Length - 1, Token);
        Assert.Equal(words, string.Join(' ', found.Items.Select(item => item.Text)));
        Assert.Equal((marked.IndexOf('#', StringComparison.Ordinal), marked.Length - 1), (found.Start, found.End));
    }

    [Theory]
    [InlineData("")]
    [InlineData("}}}} )")]
    [InlineData("\"unfinished")]
    [InlineData("// comment 😀")]
    [InlineData("\ud83d")]
    public async Task Nothing_fails_on_text_that_is_no_code(string code)
    {
        for (int cursor = -1; cursor <= code.Length + 1; cursor++)
        {
            Completions found = await _completion.CompleteAsync(code, cursor, Token);
            Assert.InRange(found.Start, 0, found.End);
            Assert.InRange(found.End, found.Start, code.Length);
            await _completion.InspectAsync(code, cursor, Token);
        }
    }

    [Fact]
    public async Task Hover_tells_declaration_and_documentation()
    {
        await Run(
            $"#r \"{Workspace.Library}\"\nusing AttentionLab.Imaging;",
            "/// <summary>Doubles it.</summary>\nint Twice(int v) => 2 * v;",
            "var picture = new Image(1, 1, new byte[3]);"
        );
        await AssertHover("Tw|ice(2)", "int Twice(int v)", "Doubles it.");
        await AssertHover("\"\".Sub|string(1)", "string string.Substring(int startIndex)", "Retrieves a substring");
        await AssertHover("pict|ure.Width", "(field) Image picture", "");
        await AssertHover("picture.Wi|dth", "int Image.Width", "Columns");
        Assert.Null(await _completion.InspectAsync("   ", 1, Token));
        await Run("var record = new List<int>(); string extension = \"x\"; int union = 1, field = 2;");
        await AssertHover("record.A|dd(1);", "void List<int>.Add(int item)", "Adds an object");
        await AssertHover("record.Add(1);\nrec|ord.Clear();", "List<int> record", "");
        await AssertHover("extension.Tr|im();", "string string.Trim()", "Removes all leading");
        await AssertHover("un|ion + field", "(field) int union", "");
    }

    [Fact]
    public async Task What_three_hundred_cells_declared_makes_no_answer_slow()
    {
        await _completion.WarmUp;
        for (int i = 0; i < 30; i++)
        {
            await Run(
                string.Join(
                    '\n',
                    Enumerable
                        .Range(0, 10)
                        .Select(j =>
                            $"var list{i}x{j} = Enumerable.Range(0, {i}).Select(n => (n, n * 0.5)).ToList(); double "
                            + $"F{i}x{j}(double v) => v * {j};"
                        )
                )
            );
        }

        var times = new List<double>();
        for (int i = 0; i < 6; i++)
        {
            var watch = Stopwatch.StartNew();
            string code = $"var copy = list{i}x{i}; copy[0].";
            Assert.Contains((await _completion.CompleteAsync(code, code.Length, Token)).Items, item => item.Text == "n");
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(' ', times));
        Assert.True(times.Skip(1).Min() < 200, string.Join(' ', times));
    }

    [Theory]
    [InlineData("", "Complete")]
    [InlineData("int a = 1;", "Complete")]
    [InlineData("1 + 1", "Complete")]
    [InlineData("for (int i = 0; i < 3; i++)", "Incomplete")]
    [InlineData("void F() {", "Incomplete")]
    [InlineData("1 +", "Incomplete")]
    [InlineData("/* text", "Incomplete")]
    [InlineData("int = 3;", "Invalid")]
    [InlineData("}", "Invalid")]
    [InlineData("#!import a.ipynb", "Complete")]
    [InlineData("#r \"a.dll\"\nif (true) {", "Incomplete")]
    [InlineData("#!nothing", "Invalid")]
    public void A_text_is_complete_or_lacks_its_end_or_is_wrong(string code, string expected) =>
        Assert.Equal(expected, CSharpEngine.IsComplete(code).ToString());

    public void Dispose() => _engine.Dispose();

    private async Task AssertHover(string marked, string declaration, string documentation)
    {
        int cursor = marked.IndexOf('|', StringComparison.Ordinal);
        Hover? hover = await _completion.InspectAsync(marked.Remove(cursor, 1), cursor, Token);
        Assert.NotNull(hover);
        Assert.Contains(declaration, hover.PlainText, StringComparison.Ordinal);
        Assert.Contains(documentation, hover.PlainText, StringComparison.Ordinal);
        Assert.StartsWith("```csharp\n", hover.Markdown, StringComparison.Ordinal);
        Assert.Contains(documentation, hover.Markdown, StringComparison.Ordinal);
    }

    private async Task Run(params string[] cells)
    {
        foreach (string cell in cells)
        {
            await _engine.ExecuteAsync(cell, "cell", new NotebookOutputs(), Token);
        }
    }
}

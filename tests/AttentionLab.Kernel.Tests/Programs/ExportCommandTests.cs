using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Kernel.Tests.Programs;

/// <summary><c>export NOTEBOOK</c>: programs that say what the notebook says, and clear refusals.</summary>
public sealed class ExportCommandTests
{
    // What a program's one scope, and its file, make hard.
    private static readonly string[] Hard =
    [
        "md: # Prose\n\n*/ with traps #:package None",
        "#r \"nuget: Spectre.Console, 0.57.2\"\nusing Spectre.Console;\n\nint count; // begins as 0",
        "string text = Markup.Escape(\"[a]\");",
        "public class Pair { public Pair(int a) => A = a; public int A { get; } }\nnew Pair(++count).A",
        "class Pair { public string Word = \"declared anew\"; }\nnew Pair().Word",
        "double text = 2.5, half = text / 5;\nnew[] { new { text, Half = half }, new { text, Half = 1000.0 } }",
        "foreach (var name in new[] { \"a\", \"b\" })\n{\n    double later = 1;\n    Console.WriteLine($\"{name} {later + text}\");\n}",
        "string name = \"ä中\", later = \"own\";\nint Twice(int count) => 2 * count;\nint args = Twice(21);\nargs",
        "static string Twice(string a) => a + a;\nvar both = (name, text);\nConsole.WriteLine(Twice(both.name) + both.text);\nboth",
        "#!markdown\nsome *text*",
        "var list = from later in new List<int> { 1, 2 } select later + 1;\nawait System.Threading.Tasks.Task.Delay(1);\nlist",
        "if (int.TryParse(\"7\", out int parsed))\n{\n    Console.WriteLine(parsed)\n}".Replace("(parsed)\n", "(parsed);\n"),
        "int.TryParse(\"8\", out int parsed);\nSystem.IO.Path.GetFileName(Environment.CurrentDirectory)",
        "Console.WriteLine(parsed)",
        "var shown = display(\"first\");\nshown.Update(\"second\");\nshown.Update(\"last\");",
        "(string)null",
    ];

    [Fact]
    public async Task A_program_prints_what_the_notebook_shows()
    {
        Assert.SkipWhen(ExportedProgram.Missing() is not null, ExportedProgram.Missing() ?? "");
        using var workspace = new Workspace();
        string notebook = Path.Combine("own 100% ü中", "hard.ipynb"),
            program = workspace.At(Path.Combine("own 100% ü中", "a program.cs"));
        workspace.Notebook(notebook, Hard);
        Assert.True(await workspace.Run("run", workspace.At(notebook), "--out", workspace.Out) == 0, workspace.Error);

        Assert.True(await workspace.Run("export", workspace.At(notebook), "--out", program) == 0, workspace.Error);
        (int code, string output, string error) = ExportedProgram.Run(workspace, program);

        Assert.True(code == 0, $"{output}\n{error}");
        string[] shown =
        [
            .. workspace
                .Executed("hard.ipynb")
                .CodeCells.SelectMany(cell => cell.Outputs)
                .Skip(1) // which packages were restored
                .Where(shown => shown!["data"]?["text/markdown"] is null)
                .Select(shown => NotebookCell.Text(shown!["text"] ?? shown["data"]!["text/plain"])!.TrimEnd()),
        ];
        Assert.Equal(
            string.Join('\n', shown).Replace("last", "first\nlast", StringComparison.Ordinal),
            output.ReplaceLineEndings("\n").TrimEnd()
        );
        Assert.Contains("// # Prose\n//\n// */ with traps", File.ReadAllText(program), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_has_the_version_asked_for_of_a_library_that_the_kernel_uses_too()
    {
        using var workspace = new Workspace();
        string? packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES");
        Environment.SetEnvironmentVariable("NUGET_PACKAGES", workspace.At("packages"));
        try
        {
            Session.PackagesTests.Pack(
                workspace,
                "Markdig",
                "namespace Markdig; public static class Old { public static int Value => 5; }",
                [],
                _ => { },
                "0.0.1"
            );
            workspace.Notebook("a.ipynb", "#i \"nuget: feed\"\n#r \"nuget: Markdig, [0.0.1]\"", "Markdig.Old.Value");

            Assert.True(
                await workspace.Run("export", workspace.At("a.ipynb"), "--out", workspace.At("a.cs")) == 0,
                workspace.Error
            );

            string program = File.ReadAllText(workspace.At("a.cs"));
            Assert.Contains("#:package Markdig@[0.0.1]", program, StringComparison.Ordinal);
            Assert.Contains("Markdig.Old.Value", program, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("NUGET_PACKAGES", packages);
        }
    }

    [Theory]
    [InlineData("cell 1 from the top, line 1: #!time is a line for notebooks", "#!time\n1 + 1")]
    [InlineData("cell 2 from the top, line 1: #!fsharp: F# does not run here", "1", "#!fsharp\nlet x = 1")]
    [InlineData("cell 1 from the top: This cell is written in Python", "meta:{\"vscode\":{\"languageId\":\"python\"}}\nprint(1)")]
    [InlineData("cell 1 from the top: ; expected", "int x = 1 int y")]
    [InlineData("cell 1 from the top: A `return` ends a cell", "if (true) { return; }")]
    [InlineData("cell 1 from the top: An extension method", "static int Two(this int x) => 2 * x;")]
    [InlineData("cell 1 from the top: `int Two => 2;` cannot stand at the top of a program", "int Two => 2;")]
    [InlineData("cell 1 from the top: #r \"nowhere.dll\": the file ", "#r \"nowhere.dll\"")]
    [InlineData(
        "does not compile as a program: The name 'Javascript' does not exist in the current context\n    Javascript(\"\")",
        "Javascript(\"\")"
    )]
    [InlineData(
        "cell 1 from the top: A cell tagged \"raises-exception\" declares",
        "meta:{\"tags\":[\"raises-exception\"]}\nint x = 1;"
    )]
    public async Task What_a_program_cannot_hold_is_said_with_its_place(string message, params string[] cells)
    {
        using var workspace = new Workspace();
        workspace.Notebook("own.ipynb", cells);

        Assert.Equal(1, await workspace.Run("export", workspace.At("own.ipynb"), "--out", workspace.At("own.cs")));

        Assert.Contains(message, workspace.Error, StringComparison.Ordinal);
        Assert.StartsWith("own.ipynb", workspace.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(workspace.At("own.cs")));
    }

    [Fact]
    public async Task Cells_that_may_fail_are_attempted_and_cells_that_do_not_run_are_comments()
    {
        using var workspace = new Workspace();
        workspace.Notebook(
            "own.ipynb",
            "meta:{\"tags\":[\"raises-exception\"]}\nthrow new InvalidOperationException(\"on purpose\");",
            "meta:{\"tags\":[\"skip-execution\"]}\nnot even C#"
        );

        Assert.Equal(0, await workspace.Run("export", workspace.At("own.ipynb"), "--out", workspace.At("own.cs")));

        string program = File.ReadAllText(workspace.At("own.cs"));
        Assert.Contains(
            "try\n{\nthrow new InvalidOperationException(\"on purpose\");\n}\ncatch",
            program,
            StringComparison.Ordinal
        );
        Assert.Contains("\n// not even C#\n", program, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_use_is_refused_and_a_file_that_is_there_stays()
    {
        using var workspace = new Workspace();
        workspace.Notebook("own.ipynb", "1");
        workspace.Write("own.cs", "mine");

        await Refused("own.cs exists already", workspace.At("own.ipynb"), "--out", workspace.At("own.cs"));
        await Refused("own.txt is no C# file", workspace.At("own.ipynb"), "--out", workspace.At("own.txt"));
        await Refused("other.ipynb does not exist.", workspace.At("other.ipynb"));
        await Refused("is a folder: name one of its notebooks", workspace.Folder);
        Assert.Equal("mine", File.ReadAllText(workspace.At("own.cs")));
        Assert.Equal(0, await workspace.Run("export", workspace.At("own.ipynb"), "--out", workspace.At("own.cs"), "--force"));
        Assert.Contains("display(1);", File.ReadAllText(workspace.At("own.cs")), StringComparison.Ordinal);

        async Task Refused(string message, params string[] arguments)
        {
            Assert.Equal(2, await workspace.Run(["export", .. arguments]));
            Assert.Contains(message, workspace.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_text_that_is_no_notebook_is_refused()
    {
        using var workspace = new Workspace();
        workspace.Write("own.ipynb", "{}");

        Assert.Equal(1, await workspace.Run("export", workspace.At("own.ipynb"), "--out", workspace.At("own.cs")));

        Assert.Contains("no notebook", workspace.Error, StringComparison.Ordinal);
    }
}

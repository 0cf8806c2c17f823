using AttentionLab.Kernel.Commands;
using AttentionLab.Kernel.Notebooks;
using CsCheck;

namespace AttentionLab.Kernel.Tests.Notebooks;

public sealed class DibFileTests
{
    private const string Course = """
        #!meta

        {"kernelInfo":{"defaultKernelName":"csharp","items":[{"name":"csharp","languageName":"C#","aliases":["c#"]},{"name":"mine"}]}}

        #!markdown

        # Title

        Text with #!csharp in it.

        #!csharp

        int a = 1;

        #!time
        a + 1

        #!html

        <b>bold</b>

        #!mine

        own language
        """;

    [Fact]
    public void Cells_begin_at_the_lines_that_name_a_language()
    {
        Notebook notebook = DibFile.Parse(Course, Path.GetFullPath("course.dib"));
        Assert.Equal(
            [
                ("markdown", "# Title\n\nText with #!csharp in it."),
                ("code", "int a = 1;\n\n#!time\na + 1"),
                ("code", "<b>bold</b>"),
                ("code", "own language"),
            ],
            notebook.Cells.Select(cell => (cell.Kind, cell.Source))
        );
        Assert.Equal(["csharp", "html", "mine"], notebook.CodeCells.Select(cell => CellLanguage.KernelName(notebook, cell)));
        Assert.Equal("Title", notebook.Title);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("1 + 1", 1)]
    [InlineData("\n\n#!csharp\n\n#!fsharp\n\n", 0)]
    [InlineData("#!meta\n{}\n#!csharp\r\n1\r\n#!markdown\r\ntext\r\n", 2)]
    public void Empty_cells_vanish_and_a_file_without_languages_is_C_sharp(string text, int cells) =>
        Assert.Equal(cells, DibFile.Parse(text, Path.GetFullPath("a.dib")).Cells.Count);

    [Theory]
    [InlineData("#!meta\n{ not JSON\n#!csharp\n1", "not valid JSON")]
    [InlineData("#!meta\n[1]\n#!csharp\n1", "must be followed by a JSON object")]
    public void Damaged_metadata_is_named(string text, string reason) =>
        Assert.Contains(
            reason,
            Assert.Throws<NotebookFormatException>(() => DibFile.Parse(text, Path.GetFullPath("a.dib"))).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void What_is_written_is_read_again() =>
        Gen.Select(Gen.Int[0, 4], Gen.String["ab #!{}\n\"'"])
            .Array[0, 6]
            .Sample(
                parts =>
                {
                    string[] languages = ["csharp", "fsharp", "html", "markdown", "pwsh"];
                    string text = string.Concat(parts.Select(part => $"#!{languages[part.Item1]}\n{part.Item2}\n"));
                    Notebook first = DibFile.Parse(text, Path.GetFullPath("a.dib"));
                    Notebook again = DibFile.Parse(DibFile.Write(first), Path.GetFullPath("a.dib"));
                    return first
                            .Cells.Select(cell => (cell.Kind, cell.Source))
                            .SequenceEqual(again.Cells.Select(cell => (cell.Kind, cell.Source)))
                        && first
                            .CodeCells.Select(cell => CellLanguage.KernelName(first, cell))
                            .SequenceEqual(again.CodeCells.Select(cell => CellLanguage.KernelName(again, cell)));
                },
                threads: 1
            );

    /// <summary>Any kernel's name may stand in a cell's metadata, connected by the notebook or given by an editor.</summary>
    [Fact]
    public async Task Names_of_kernels_stay_and_what_the_format_cannot_hold_is_said()
    {
        using var workspace = new Workspace();
        workspace.Notebook(
            "a.ipynb",
            "md:A cell begins so:\n#!fsharp\nand this is text.",
            "1",
            "meta:{\"polyglot_notebook\":{\"kernelName\":\"duckDb\"}}\nselect 1",
            "",
            "meta:{\"vscode\":{\"languageId\":\"python\"}}\nprint(1)",
            "2"
        );
        Assert.Equal(0, await workspace.Run("convert", workspace.At("a.ipynb"), workspace.At("a.dib")));
        Assert.EndsWith(
            "Left out, since .dib does not hold them: 1 empty cells.\n"
                + "Become several, since a line such as #!csharp begins a cell: cells 1.",
            workspace.Output.ReplaceLineEndings("\n").TrimEnd(),
            StringComparison.Ordinal
        );
        Notebook back = Notebook.Read(workspace.At("a.dib"));
        Assert.Equal(
            ["csharp: 1", "duckDb: select 1", "python: print(1)", "csharp: 2"],
            back.CodeCells.Skip(1).Select(cell => $"{CellLanguage.KernelName(back, cell)}: {cell.Source}")
        );
    }

    [Fact]
    public async Task Such_files_are_run_imported_and_converted()
    {
        using var workspace = new Workspace();
        workspace.Write("in/a.dib", "#!markdown\n\n# Given\n\n#!csharp\n\nint seven = 7;\n\n#!html\n\n<i>seven</i>\n");
        workspace.Notebook("in/b.ipynb", "#!import a.dib\nseven * 6");

        Assert.Equal(0, await workspace.Run("run", workspace.At("in"), "--out", workspace.Out));
        Assert.Equal("<i>seven</i>", (string?)workspace.Outputs("a.ipynb", 2)[0]!["data"]!["text/html"]);
        Assert.Equal("42", (string?)workspace.Outputs("b.ipynb", 1)[^1]!["data"]!["text/plain"]);

        Assert.Equal(0, await workspace.Run("convert", workspace.At("out/a.ipynb"), workspace.At("back.dib")));
        Assert.Contains(
            "Left out, since .dib does not hold them: outputs (1 cells).",
            workspace.Output,
            StringComparison.Ordinal
        );
        Assert.Equal(
            ["# Given", "int seven = 7;", "<i>seven</i>"],
            Notebook.Read(workspace.At("back.dib")).Cells.Select(cell => cell.Source)
        );
        Assert.Equal(0, await workspace.Run("convert", workspace.At("in/a.dib"), workspace.At("a.ipynb")));
        Assert.Equal(3, Notebook.Read(workspace.At("a.ipynb")).Cells.Count);

        Assert.Equal(ExitCode.Usage, await workspace.Run("convert", workspace.At("in/a.dib"), workspace.At("a.ipynb")));
        Assert.Contains("--force", workspace.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, await workspace.Run("convert", workspace.At("in/a.dib"), workspace.At("b.dib")));
        Assert.Equal(ExitCode.Usage, await workspace.Run("convert", workspace.At("none.dib"), workspace.At("b.ipynb")));
        workspace.Write("bad.ipynb", "{");
        Assert.Equal(ExitCode.Failed, await workspace.Run("convert", workspace.At("bad.ipynb"), workspace.At("b.dib")));
    }
}

using AttentionLab.Kernel.Commands;

namespace AttentionLab.Kernel.Tests.Commands;

/// <summary>What a cell's tags, its metadata's language and the command's options change about a run.</summary>
public sealed class RunCellTagTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Tagged_cells_may_fail_or_are_passed_over()
    {
        _workspace.Notebook(
            "a.ipynb",
            "meta:{\"tags\":[\"raises-exception\"]}\nint.Parse(\"x\")",
            "meta:{\"tags\":\"raises-exception\"}\nno C# at all",
            "meta:{\"tags\":[\"skip-execution\"]}\nthrow new Exception(\"must not run\");",
            "\"after\""
        );

        Assert.Equal(0, await _workspace.RunAll());

        Assert.Equal("", _workspace.Error);
        Assert.Equal("System.FormatException", (string?)_workspace.Outputs("a.ipynb", 1)[0]!["ename"]);
        Assert.StartsWith("CS", (string?)_workspace.Outputs("a.ipynb", 2)[0]!["ename"], StringComparison.Ordinal);
        Assert.Empty(_workspace.Outputs("a.ipynb", 3));
        Assert.Equal([1, 2, null, 4], _workspace.Executed("a.ipynb").CodeCells.Select(cell => cell.ExecutionCount));
        Assert.Equal("after", (string?)_workspace.Outputs("a.ipynb", 4)[0]!["data"]!["text/plain"]);
    }

    [Fact]
    public async Task Allowed_errors_are_counted_but_the_end_of_the_process_is_not_allowed()
    {
        _workspace.Notebook("a.ipynb", "throw new Exception(\"one\");", "2", "throw new Exception(\"two\");", "\"end\"");
        _workspace.Notebook("b.ipynb", "Environment.Exit(3);", "2");

        Assert.Equal(ExitCode.Failed, await _workspace.RunAll("--allow-errors"));

        Assert.Contains("a.ipynb: ran, 2 cells failed in ", _workspace.Output, StringComparison.Ordinal);
        Assert.Equal("end", (string?)_workspace.Outputs("a.ipynb", 4)[0]!["data"]!["text/plain"]);
        Assert.StartsWith("b.ipynb, cell 1: ProcessEnded", _workspace.Error, StringComparison.Ordinal);
        Assert.Contains("exit code 3", _workspace.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_language_that_stands_in_metadata_only_is_followed_or_named()
    {
        _workspace.Notebook(
            "a.ipynb",
            "meta:{\"vscode\":{\"languageId\":\"html\"}}\n<b>bold</b>",
            "meta:{\"vscode\":{\"languageId\":\"dotnet-interactive.markdown\"}}\n**bold**",
            "meta:{\"dotnet_interactive\":{\"language\":\"html\"}}\n#!csharp\n1 + 1",
            "meta:{\"polyglot_notebook\":{\"kernelName\":\"csharp\"},\"vscode\":{\"languageId\":\"polyglot-notebook\"}}\n1 + 2",
            "meta:{\"polyglot_notebook\":{\"kernelName\":\"mermaid\"}}\ngraph TD\nA-->B",
            "meta:{\"polyglot_notebook\":{\"kernelName\":\"javascript\"}}\n2+2",
            "meta:{\"polyglot_notebook\":{\"kernelName\":\"fsharp\"}}\nlet x = 1"
        );

        Assert.Equal(ExitCode.Failed, await _workspace.RunAll());

        Assert.Equal("<b>bold</b>", (string?)_workspace.Outputs("a.ipynb", 1)[0]!["data"]!["text/html"]);
        Assert.Equal("**bold**", (string?)_workspace.Outputs("a.ipynb", 2)[0]!["data"]!["text/markdown"]);
        Assert.Equal("2", (string?)_workspace.Outputs("a.ipynb", 3)[0]!["data"]!["text/plain"]);
        Assert.Equal("3", (string?)_workspace.Outputs("a.ipynb", 4)[0]!["data"]!["text/plain"]);
        Assert.Equal("graph TD\nA-->B", (string?)_workspace.Outputs("a.ipynb", 5)[0]!["data"]!["text/plain"]);
        Assert.Contains(
            "<script type=\"text/javascript\">2+2",
            (string?)_workspace.Outputs("a.ipynb", 6)[0]!["data"]!["text/html"]
        );
        Assert.Equal(
            "a.ipynb, cell 7, line 1: Error: This cell is written in F#, as its metadata says; C#, HTML, Markdown, Mermaid and "
                + "JavaScript are known here. Choose another language for it, or tag it \"skip-execution\".",
            _workspace.Error.TrimEnd()
        );
    }

    /// <summary>As .NET Interactive's own NotebookTestScript.dib has it: the variable goes to the page's script.</summary>
    [Fact]
    public async Task A_script_takes_variables_and_other_languages_take_no_directive()
    {
        _workspace.Notebook(
            "a.ipynb",
            "int x = 1; var rows = new[] { \"</script>\" };",
            "meta:{\"polyglot_notebook\":{\"kernelName\":\"javascript\"}}\n#!share --from csharp x\nconsole.log(x);",
            "#!js\nlet a = 1;\n#!set --value @csharp:rows --name y\nalert(y);",
            "#!js\n\n#!share --from csharp nothing",
            "meta:{\"polyglot_notebook\":{\"kernelName\":\"html\"}}\n#!share --from csharp x\n<b></b>"
        );
        Assert.Equal(0, await _workspace.RunAll("--allow-errors"));
        Assert.Equal("<script type=\"text/javascript\">var x = 1;\nconsole.log(x);</script>", Html(2));
        Assert.Equal("<script type=\"text/javascript\">let a = 1;\nvar y = [\"\\u003C/script>\"];\nalert(y);</script>", Html(3));
        Assert.Equal("#!share: there is no variable \"nothing\".", (string?)_workspace.Outputs("a.ipynb", 4)[0]!["evalue"]);
        Assert.StartsWith(
            "This cell is written in html, as its metadata says, and begins with #!share, which serves cells in C# only.",
            (string?)_workspace.Outputs("a.ipynb", 5)[0]!["evalue"],
            StringComparison.Ordinal
        );

        string? Html(int cell) => (string?)_workspace.Outputs("a.ipynb", cell)[0]!["data"]!["text/html"];
    }

    /// <summary>Of a cell of any language, VS Code says "polyglot-notebook" too.</summary>
    [Fact]
    public async Task A_cells_kernel_says_its_language_where_VS_Code_says_none()
    {
        const string Of = "meta:{\"vscode\":{\"languageId\":\"polyglot-notebook\"},\"polyglot_notebook\":{\"kernelName\":";
        _workspace.Notebook(
            "a.ipynb",
            $"{Of}\"html\"}}}}\n<b>1</b>",
            $"{Of}\"csharp\"}}}}\n1 + 1",
            $"{Of}\"fsharp\"}}}}\nlet x = 1"
        );
        Assert.Equal(ExitCode.Failed, await _workspace.RunAll());
        Assert.Equal("<b>1</b>", (string?)_workspace.Outputs("a.ipynb", 1)[0]!["data"]!["text/html"]);
        Assert.Equal("2", (string?)_workspace.Outputs("a.ipynb", 2)[0]!["data"]!["text/plain"]);
        Assert.Contains(
            "cell 3, line 1: Error: This cell is written in F#, as its metadata says",
            _workspace.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_notebook_of_another_language_is_named_as_such()
    {
        _workspace.Write(
            "a.ipynb",
            """
            {"nbformat":4,"nbformat_minor":4,"metadata":{"kernelspec":{"name":"python3","language":"python","display_name":"Python 3"}},
             "cells":[{"cell_type":"code","metadata":{},"source":"print(1)","execution_count":null,"outputs":[]}]}
            """
        );
        Assert.Equal(ExitCode.Failed, await _workspace.RunAll());
        Assert.Contains(
            "This cell is written in Python, as the notebook's metadata says",
            _workspace.Error,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1,5")]
    [InlineData("NaN")]
    public async Task A_limit_that_is_no_time_is_wrong_usage(string limit)
    {
        _workspace.Notebook("a.ipynb", "1");
        Assert.Equal(ExitCode.Usage, await _workspace.RunAll("--cell-timeout", limit));
        Assert.Contains("a number of seconds above 0", _workspace.Error, StringComparison.Ordinal);
    }
}

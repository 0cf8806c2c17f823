using System.Text.Json.Nodes;
using AttentionLab.Kernel.Commands;
using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Kernel.Tests.Commands;

public sealed class RunCommandTests
{
    [Fact]
    public async Task Every_notebook_of_a_folder_runs_and_leaves_a_notebook_and_a_page()
    {
        using var workspace = new Workspace();
        workspace.Notebook("b.ipynb", "md:# Second", "1");
        workspace.Notebook("a.ipynb", "md:# First", "Environment.CurrentDirectory");

        Assert.Equal(0, await workspace.RunAll());

        Assert.Equal("", workspace.Error);
        Assert.True(
            workspace.Output.IndexOf("a.ipynb", StringComparison.Ordinal)
                < workspace.Output.IndexOf("b.ipynb", StringComparison.Ordinal)
        );
        Assert.Equal(
            Path.GetFileName(workspace.Folder),
            Path.GetFileName((string?)workspace.Outputs("a.ipynb", 1)[0]!["data"]!["text/plain"])
        );
        NotebookCell cell = workspace.Executed("b.ipynb").Cells[1];
        Assert.Equal(1, cell.ExecutionCount);
        Assert.Equal("c1", (string?)cell.Json["id"]);
        Assert.Equal(
            ["a.html", "a.ipynb", "b.html", "b.ipynb", "index.html"],
            Directory.GetFiles(workspace.Out).Select(Path.GetFileName).Order()
        );
        string index = await File.ReadAllTextAsync(
            Path.Combine(workspace.Out, "index.html"),
            TestContext.Current.CancellationToken
        );
        Assert.Contains("<a href=\"a.html\">First</a>", index, StringComparison.Ordinal);
        Assert.Empty(Notebook.Read(workspace.At("a.ipynb")).Cells[1].Outputs);
    }

    [Fact]
    public async Task A_failing_notebook_stops_keeps_its_outputs_and_lets_the_others_run()
    {
        using var workspace = new Workspace();
        workspace.Notebook(
            "a.ipynb",
            "Console.Write(\"first\");",
            "Console.Write(\"before\");\nthrow new Exception(\"broken\");",
            "Console.Write(\"never\");"
        );
        workspace.Notebook("b.ipynb", "2");
        workspace.Write("c.ipynb", "{ \"nbformat\": 4, ");

        Assert.Equal(ExitCode.Failed, await workspace.RunAll());

        Assert.Contains("a.ipynb, cell 2, line 2: System.Exception: broken", workspace.Error, StringComparison.Ordinal);
        Assert.Contains("c.ipynb is not valid JSON", workspace.Error, StringComparison.Ordinal);
        Assert.Equal("first", (string?)workspace.Outputs("a.ipynb", 1)[0]!["text"]);
        JsonArray failed = workspace.Outputs("a.ipynb", 2);
        Assert.Equal("before", (string?)failed[0]!["text"]);
        Assert.Equal("broken", (string?)failed[1]!["evalue"]);
        Assert.Empty(workspace.Outputs("a.ipynb", 3));
        Assert.Null(workspace.Executed("a.ipynb").Cells[2].ExecutionCount);
        Assert.Equal("2", (string?)workspace.Outputs("b.ipynb", 1)[0]!["data"]!["text/plain"]);
        string index = await File.ReadAllTextAsync(
            Path.Combine(workspace.Out, "index.html"),
            TestContext.Current.CancellationToken
        );
        Assert.Contains("cell 2, line 2", index, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_given_reach_the_cells_that_declare_them()
    {
        using var workspace = new Workspace();
        workspace.Notebook(
            "a.ipynb",
            "parameters:int epochs = 3; string name = \"cnn\"; string dataRoot = \"none\";",
            "$\"{epochs}|{name}|{dataRoot}\""
        );
        workspace.Notebook("b.ipynb", "1");

        Assert.Equal(0, await workspace.RunAll("--set", "epochs=9", "--set", "name=a=\"b\" \\c", "--data", workspace.Folder));

        Assert.Equal($"9|a=\"b\" \\c|{workspace.Folder}", (string?)workspace.Outputs("a.ipynb", 3)[0]!["data"]!["text/plain"]);
        Assert.Equal(2, workspace.Executed("a.ipynb").Cells[2].ExecutionCount);
    }

    [Theory]
    [InlineData("--set depth=3", "There are: epochs, name.")]
    [InlineData("--set epochs", "write it as name=value")]
    [InlineData("--set epochs=many", "epochs is an int; \"many\" is not one.")]
    [InlineData("--data missing-folder", "--data: the folder ")]
    [InlineData("--unknown", "--unknown")]
    public async Task Wrong_usage_is_told_before_anything_runs(string options, string message)
    {
        using var workspace = new Workspace();
        workspace.Notebook("a.ipynb", "parameters:int epochs = 3; var name = \"cnn\";");
        Assert.Equal(ExitCode.Usage, await workspace.RunAll(options.Split(' ')));
        Assert.Contains(message, workspace.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.Out));
    }

    [Fact]
    public async Task A_folder_of_folders_names_those_with_notebooks()
    {
        using var workspace = new Workspace();
        workspace.Notebook("course/b/two.ipynb", "2");
        workspace.Notebook("course/a/one.ipynb", "1");
        Directory.CreateDirectory(workspace.At("course/pictures"));
        Assert.Equal(ExitCode.Usage, await workspace.Run("run", workspace.At("course")));
        Assert.Contains(
            "holds no notebook (*.ipynb, *.dib); its folders do: name a, b.",
            workspace.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Missing_inputs_and_overwriting_an_input_are_wrong_usage()
    {
        using var workspace = new Workspace();
        Assert.Equal(ExitCode.Usage, await workspace.Run("run"));
        Assert.Equal(ExitCode.Usage, await workspace.Run("run", workspace.At("none.ipynb")));
        Assert.Contains(" does not exist: name a notebook or a folder", workspace.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, await workspace.Run("run", workspace.Folder));
        Assert.Contains("holds no notebook", workspace.Error, StringComparison.Ordinal);

        workspace.Notebook("artifacts/notebooks/a.ipynb", "1");
        string before = Directory.GetCurrentDirectory();
        Directory.SetCurrentDirectory(workspace.Folder);
        try
        {
            Assert.Equal(ExitCode.Usage, await workspace.Run("run", "artifacts/notebooks"));
            Assert.Contains("would be overwritten", workspace.Error, StringComparison.Ordinal);
            Assert.Equal(ExitCode.Usage, await workspace.Run("run", "artifacts/notebooks", "--out", "artifacts/notebooks"));
            Assert.Contains("would be overwritten", workspace.Error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }
    }

    [Fact]
    public async Task Notebooks_of_one_name_in_two_folders_keep_their_folders()
    {
        using var workspace = new Workspace();
        workspace.Notebook("en/a.ipynb", "1");
        workspace.Notebook("zh/a.ipynb", "2");
        Assert.Equal(0, await workspace.Run("run", workspace.At("en"), workspace.At("zh"), "--out", workspace.Out));
        Assert.Equal("1", (string?)workspace.Outputs("en/a.ipynb", 1)[0]!["data"]!["text/plain"]);
        Assert.Equal("2", (string?)workspace.Outputs("zh/a.ipynb", 1)[0]!["data"]!["text/plain"]);
    }

    [Fact]
    public async Task A_stopped_run_writes_what_it_has()
    {
        using var workspace = new Workspace();
        using var stop = new CancellationTokenSource();
        workspace.Notebook(
            "a.ipynb",
            "Console.Write(\"so far\");",
            "var here = Environment.CurrentDirectory;\nSystem.IO.File.WriteAllText(\"started\", \"\");\n"
                + "while (System.IO.Directory.Exists(here)) { System.Threading.Thread.Sleep(10); } // deaf, until the test is "
                + "over"
        );
        workspace.Notebook("b.ipynb", "1");
        using var output = new StringWriter();
        using var error = new StringWriter();
        Task<int> run = NotebookCommands.Program.RunAsync(
            ["run", workspace.Folder, "--out", workspace.Out],
            output,
            error,
            stop.Token
        );
        while (!File.Exists(workspace.At("started")))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        Assert.Equal(ExitCode.Stopped, await run);
        Assert.Equal("so far", (string?)workspace.Outputs("a.ipynb", 1)[0]!["text"]);
        Assert.False(File.Exists(Path.Combine(workspace.Out, "b.ipynb")));
    }

    [Fact]
    public async Task Help_shows_options_and_examples()
    {
        using var workspace = new Workspace();
        Assert.Equal(0, await workspace.Run("run", "--help"));
        Assert.Contains("--set", workspace.Output, StringComparison.Ordinal);
        Assert.Contains("Examples:", workspace.Output, StringComparison.Ordinal);
        Assert.Equal(0, await workspace.Run());
        Assert.Contains("Examples:", workspace.Output, StringComparison.Ordinal);
    }
}

using System.Text.Json.Nodes;
using AttentionLab.Host.Execution;
using AttentionLab.Host.Running;

namespace AttentionLab.Host.Tests.Execution;

public sealed class CSharpEngineTests
{
    [Fact]
    public async Task State_is_kept_between_cells_and_names_can_be_declared_anew() =>
        Assert.Equal("42-x", await Workspace.LastText("int a = 40; int Twice(int v) => 2 * v;", "a += Twice(1);", "int before = a;", "string a = \"x\";", "$\"{before}-{a}\""));

    [Fact]
    public async Task Await_works_at_the_top_of_a_cell() =>
        Assert.Equal("7", await Workspace.LastText("var t = Task.FromResult(7);", "await Task.Yield(); await t"));

    [Fact]
    public async Task Every_cell_starts_on_the_same_thread()
    {
        const string Here = "System.Threading.Thread.CurrentThread.ManagedThreadId";
        Assert.Equal("True", await Workspace.LastText($"int first = {Here};", "await Task.Delay(1);", $"first == {Here}"));
    }

    [Theory]
    [InlineData("int five = 5;", 0)]
    [InlineData("5", 1)]
    [InlineData("string? s = null; s", 1)]
    [InlineData("Console.Out.Flush()", 0)]
    [InlineData("var d = new Dictionary<string, int>();", 0)]
    [InlineData("return 3;", 1)]
    [InlineData("// nothing", 0)]
    [InlineData("", 0)]
    public async Task Only_a_trailing_expression_is_shown(string cell, int outputs) => Assert.Equal(outputs, (await Workspace.LastOutputs(cell)).Count);

    [Fact]
    public async Task A_display_is_not_shown_again_as_a_result()
    {
        JsonArray outputs = await Workspace.LastOutputs("display(1)", "2.Display()");
        Assert.Equal("display_data", (string?)Assert.Single(outputs)!["output_type"]);
    }

    [Fact]
    public async Task Console_and_displays_appear_in_the_order_they_were_written()
    {
        JsonArray outputs = await Workspace.LastOutputs("""Console.Write("a"); Console.WriteLine(1); display("mid"); Console.Error.Write("e"); Console.Write('z'); "end" """);
        Assert.Equal(["stream:a1\n", "display_data:mid", "stream:e", "stream:z", "execute_result:end"],
            outputs.Select(o => $"{o!["output_type"]}:{o["text"] ?? o["data"]!["text/plain"]}"));
        Assert.Equal(["stdout", "stderr", "stdout"], outputs.Where(o => o!["name"] is not null).Select(o => (string?)o!["name"]));
    }

    [Fact]
    public async Task Console_is_given_back_after_a_run()
    {
        TextWriter before = Console.Out;
        string folder = Directory.GetCurrentDirectory();
        await Workspace.Cells("Console.WriteLine(1); throw new Exception();");
        Assert.Same(before, Console.Out);
        Assert.Equal(folder, Directory.GetCurrentDirectory());
    }

    [Fact]
    public async Task Late_output_goes_to_the_cell_that_runs_when_it_is_written()
    {
        (_, List<JsonArray> outputs) = await Workspace.Cells(
            "var go = new TaskCompletionSource(); var late = Task.Run(async () => { await go.Task; Console.Write(\"late\"); });", "go.SetResult(); await late;");
        Assert.Empty(outputs[0]);
        Assert.Equal("late", (string?)Assert.Single(outputs[1])!["text"]);
    }

    [Fact]
    public async Task A_displayed_value_is_replaced_in_place_also_from_a_later_cell()
    {
        (_, List<JsonArray> outputs) = await Workspace.Cells("var d = display(\"one\"); Console.Write(\"after\");", "d.Update(2); d.Update(3);");
        Assert.Equal("3", (string?)outputs[0][0]!["data"]!["text/plain"]);
        Assert.Equal("after", (string?)outputs[0][1]!["text"]);
        Assert.Empty(outputs[1]);
    }

    [Theory]
    [InlineData("int a = 1;\n\nint b = nothing;", "CS0103", "cell 2, line 3")]
    [InlineData("int a = ;", "CS1525", "cell 2, line 1")]
    [InlineData("var a = 1;\nthrow new InvalidOperationException(\"no\");", "System.InvalidOperationException", "cell 2, line 2")]
    [InlineData("\n\nFail();", "System.FormatException", "cell 2, line 3")]
    [InlineData("await Task.Yield();\nint z = 0;\nawait Task.Run(() => 1 / z);", "System.DivideByZeroException", "cell 2, line 3")]
    [InlineData("int.Parse(\n\"x\")", "System.FormatException", "cell 2, line 1")]
    [InlineData("#r \"nothing.dll\"", "Error", "cell 2, line 1")]
    [InlineData("1\n#!bash\nls", "Error", "cell 2, line 2")]
    public async Task An_error_names_cell_and_line(string cell, string name, string location)
    {
        CellError error = await Workspace.LastError("void Fail()\n{\n    throw new FormatException();\n}", cell);
        Assert.Equal(name, error.Name);
        Assert.Equal(location, error.Location);
    }

    [Fact]
    public async Task A_traceback_shows_the_cells_and_the_cause_but_not_the_host()
    {
        CellError error = await Workspace.LastError("void Fail()\n{\n    try { int.Parse(\"x\"); } catch (Exception e) { throw new InvalidOperationException(\"outer\", e); }\n}", "Fail();");
        string text = string.Join('\n', error.Traceback);
        Assert.Contains("cell 1, line 3", text, StringComparison.Ordinal);
        Assert.Contains("cell 2, line 1", text, StringComparison.Ordinal);
        Assert.Contains("caused by", text, StringComparison.Ordinal);
        Assert.DoesNotContain("AttentionLab.Host", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Microsoft.CodeAnalysis", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_failed_cell_had_declared_and_written_is_kept()
    {
        var sink = new NotebookOutputs();
        using var engine = new CSharpEngine(Path.GetTempPath());
        CancellationToken token = TestContext.Current.CancellationToken;
        Assert.NotNull((await engine.ExecuteAsync("int kept = 5; throw new Exception();", "cell 1", sink, token)).Error);
        Assert.NotNull((await engine.ExecuteAsync("does not compile", "cell 2", sink, token)).Error);
        Assert.Equal(5, (await engine.ExecuteAsync("kept", "cell 3", sink, token)).Value);
    }

    [Fact]
    public async Task A_cell_sees_that_it_shall_stop()
    {
        using var stop = new CancellationTokenSource();
        using var engine = new CSharpEngine(Path.GetTempPath());
        Task<ExecutionResult> running = engine.ExecuteAsync("await Task.Delay(-1, KernelInvocationContext.Current.CancellationToken);", "cell 1", new NotebookOutputs(), stop.Token);
        stop.CancelAfter(300);
        Assert.True((await running).Cancelled);
        Assert.Equal(2, (await engine.ExecuteAsync("1 + 1", "cell 2", new NotebookOutputs(), TestContext.Current.CancellationToken)).Value);
    }

    [Fact]
    public async Task A_directive_in_a_string_is_text() =>
        Assert.Equal("\n#!import nothing\n#r x\n", await Workspace.LastText("#region r\nvar s = @\"\n#!import nothing\n#r x\n\";\n#endregion\ns"));

    [Fact]
    public async Task Warnings_are_not_shown() => Assert.Empty(await Workspace.LastOutputs("#warning careful\nasync Task F() { }"));
}

using AttentionLab.Kernel.Commands;

namespace AttentionLab.Kernel.Tests.Workers;

/// <summary>Whatever a cell does to its process, the run goes on, keeps what there is, and says which cell did it.</summary>
public sealed class WorkerTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_cell_that_ends_its_process_fails_and_the_other_notebooks_run()
    {
        _workspace.Notebook("1-exit.ipynb", "1 + 1", "Console.WriteLine(\"work done\"); Environment.Exit(0);", "3", "4");
        _workspace.Notebook(
            "2-overflow.ipynb",
            "Console.Write(\"deep\");\nIEnumerable<int> chain = [1];\nfor (int i = 0; i < 1_000_000; i++) chain = "
                + "chain.DefaultIfEmpty();\nchain.ElementAt(0)"
        );
        _workspace.Notebook("3-fail-fast.ipynb", "Environment.FailFast(\"enough\");");
        _workspace.Notebook("4-good.ipynb", "40 + 2");

        Assert.Equal(ExitCode.Failed, await _workspace.RunAll());

        Assert.Contains(
            "1-exit.ipynb, cell 2: ProcessEnded: The process that ran the cells ended: exit code 0, as Environment.Exit(0) "
                + "gives. "
                + "Not run: cells 3 to 4.",
            _workspace.Error,
            StringComparison.Ordinal
        );
        Assert.Contains("2-overflow.ipynb, cell 1: ProcessEnded: ", _workspace.Error, StringComparison.Ordinal);
        Assert.Contains("the stack overflowed", _workspace.Error, StringComparison.Ordinal);
        Assert.Contains("3-fail-fast.ipynb, cell 1: ProcessEnded: ", _workspace.Error, StringComparison.Ordinal);
        Assert.Equal("2", Text("1-exit.ipynb", 1));
        Assert.Equal("work done\n", Stream("1-exit.ipynb", 2).ReplaceLineEndings("\n"));
        Assert.Equal("ProcessEnded", (string?)_workspace.Outputs("1-exit.ipynb", 2)[1]!["ename"]);
        Assert.Null(_workspace.Executed("1-exit.ipynb").Cells[2].ExecutionCount);
        Assert.Equal("deep", Stream("2-overflow.ipynb", 1));
        Assert.InRange(_workspace.Outputs("2-overflow.ipynb", 1)[1]!["traceback"]!.AsArray().Count, 2, 30);
        Assert.Contains("enough", _workspace.Outputs("3-fail-fast.ipynb", 1)[0]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("42", Text("4-good.ipynb", 1));
    }

    [Fact]
    public async Task An_exception_on_another_thread_fails_the_cell_that_caused_it()
    {
        _workspace.Notebook(
            "1-thread.ipynb",
            "new System.Threading.Thread(() => throw new Exception(\"in thread\")).Start(); await Task.Delay(500); "
                + "Console.Write(\"still\");",
            "Console.Write(\"never\");"
        );
        _workspace.Notebook(
            "2-async-void.ipynb",
            "1 + 1",
            "\nasync void F() { await Task.Delay(300); throw new Exception(\"late\"); }\nF();",
            "await Task.Delay(1500); Console.Write(\"here\");"
        );
        _workspace.Notebook("3-last.ipynb", "async void F() { throw new Exception(\"at once\"); }\nF();");
        _workspace.Notebook("4-good.ipynb", "40 + 2");

        Assert.Equal(ExitCode.Failed, await _workspace.RunAll());

        Assert.Contains(
            "1-thread.ipynb, cell 1, line 1: System.Exception: in thread. Not run: cell 2.",
            _workspace.Error,
            StringComparison.Ordinal
        );
        Assert.Contains("2-async-void.ipynb, cell 2, line 2: System.Exception: late", _workspace.Error, StringComparison.Ordinal);
        Assert.Contains("3-last.ipynb, cell 1, line 1: System.Exception: at once", _workspace.Error, StringComparison.Ordinal);
        Assert.Equal("still", Stream("1-thread.ipynb", 1));
        Assert.Equal("here", Stream("2-async-void.ipynb", 3));
        Assert.Equal("42", Text("4-good.ipynb", 1));
    }

    [Fact]
    public async Task A_cell_that_does_not_end_is_stopped_at_its_limit()
    {
        _workspace.Notebook("1-hangs.ipynb", "Console.Write(\"before\"); while (true) { }", "2");
        _workspace.Notebook("2-good.ipynb", "40 + 2");

        // A busy machine may need the shorter limits for the compiler alone.
        int limit = 10;
        Assert.Equal(ExitCode.Failed, await _workspace.RunAll("--cell-timeout", $"{limit}"));
        while (limit < 300 && (_workspace.Outputs("1-hangs.ipynb", 1).Count < 2 || !Ran("2-good.ipynb")))
        {
            limit *= 3;
            Assert.Equal(ExitCode.Failed, await _workspace.RunAll("--cell-timeout", $"{limit}"));
        }

        Assert.Contains(
            $"1-hangs.ipynb, cell 1: Timeout: The cell did not end within {limit} s and was stopped. Not run: cell 2.",
            _workspace.Error,
            StringComparison.Ordinal
        );
        Assert.Equal("before", Stream("1-hangs.ipynb", 1));
        Assert.Equal("42", Text("2-good.ipynb", 1));
    }

    [Fact]
    public async Task What_cells_write_past_Console_and_what_is_no_text_arrives()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The C library has another name there.");
        _workspace.Notebook(
            "a.ipynb",
            """
            [System.Runtime.InteropServices.DllImport("libc")] static extern nint write(int file, string text, nint count);
            write(1, "native out\n", 11); write(2, "native error\n", 13); await Task.Delay(300);
            """,
            "Console.Write(\"a\\ud800b\"); \"c\\ud800d\"",
            "Console.In.ReadToEnd().Length"
        );

        Assert.Equal(0, await _workspace.RunAll());

        string[] streams = [.. _workspace.Outputs("a.ipynb", 1).Select(output => (string)output!["text"]!).Order()];
        Assert.Equal(["native error\n", "native out\n"], streams);
        Assert.Equal("a\ufffdb", Stream("a.ipynb", 2));
        Assert.Equal("c\ufffdd", (string?)_workspace.Outputs("a.ipynb", 2)[1]!["data"]!["text/plain"]);
        Assert.Equal("0", Text("a.ipynb", 3));
    }

    [Theory]
    [InlineData("2")]
    [InlineData("System.Diagnostics.Process.GetCurrentProcess().Kill();")]
    public async Task However_a_worker_ends_the_runtimes_temporary_files_go(string end)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "They are no files there.");
        _workspace.Notebook(
            "a.ipynb",
            "using System.IO; string.Join(' ', Directory.GetFiles(Path.GetTempPath(), $\"*-{Environment.ProcessId}-*\"))",
            end
        );

        await _workspace.RunAll();

        string[] files = Text("a.ipynb", 1).Split(' ');
        Assert.Contains(files, file => IsOf("dotnet-diagnostic-", file));
        Assert.DoesNotContain(
            files,
            file => (IsOf("dotnet-diagnostic-", file) || IsOf("clr-debug-pipe-", file)) && File.Exists(file)
        );

        // A process may once have had the same number and left other files.
        static bool IsOf(string kind, string file) => Path.GetFileName(file).StartsWith(kind, StringComparison.Ordinal);
    }

    private bool Ran(string name) =>
        _workspace.Executed(name).CodeCells.All(cell => cell.Outputs.All(output => (string?)output!["output_type"] != "error"));

    private string Text(string name, int cell) => (string)Assert.Single(_workspace.Outputs(name, cell))!["data"]!["text/plain"]!;

    private string Stream(string name, int cell) => (string)_workspace.Outputs(name, cell)[0]!["text"]!;
}

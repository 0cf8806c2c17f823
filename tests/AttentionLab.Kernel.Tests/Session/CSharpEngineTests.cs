using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Tests.Session;

public sealed class CSharpEngineTests
{
    [Theory]
    [InlineData("using var stream = new System.IO.MemoryStream();\nstream.Length", true)]
    [InlineData("using System.IO;\nusing MemoryStream stream = new();", true)]
    [InlineData("using System.Nothing;", false)]
    [InlineData("{\n    using var stream = new Missing();\n}", false)]
    [InlineData("void F()\n{\n    using Missing stream = new();\n}", false)]
    public async Task A_variable_declared_with_using_gets_advice(string cell, bool advised)
    {
        CellError error = await Workspace.LastError(cell);
        Assert.StartsWith("CS", error.Name, StringComparison.Ordinal);
        const string Advice =
            "A cell's own variable cannot be declared with using: leave using out, or put the lines that need it in braces.";
        Assert.Equal(advised, error.Message.EndsWith(Advice, StringComparison.Ordinal));
        Assert.Equal(advised, error.Traceback[^1] == Advice);
    }

    [Theory]
    [InlineData(
        "namespace Shop\n{\n    class Program { static void Main() { } }\n}",
        "Cannot declare namespace in script code",
        true
    )]
    [InlineData("namespace Shop;", "Cannot declare namespace in script code", true)]
    [InlineData(
        "int Two() => 2;\nint Two() => 3;",
        "The cell already defines a member called 'Two' with the same parameter types",
        false
    )]
    [InlineData(
        "void F(ref int x) { }\nvoid F(out int x) => x = 1;",
        "The cell cannot define an overloaded method that differs only on parameter modifiers 'out' and 'ref'",
        false
    )]
    [InlineData(
        "static class Texts { extension(string s) { public int Twice => 2 * s.Length; } }",
        "Extensions must be declared in a top-level, non-generic, static class",
        true
    )]
    public async Task What_a_script_cannot_say_is_told_in_words_of_cells(string cell, string message, bool advised)
    {
        CellError error = await Workspace.LastError(cell);
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(
            advised,
            error.Message.StartsWith($"{message}. A cell is a script, which has no ", StringComparison.Ordinal)
        );
        Assert.Equal(advised, error.Traceback[^1].StartsWith("A cell is a script, which has no ", StringComparison.Ordinal));
    }

    /// <summary>The compiler of .NET lets all checks of a method throw at one place.</summary>
    [Theory]
    [InlineData("line 4", "int[] a = new int[2];\nfor (int i = 0; i <= 2; i++)\n{\n    a[i] = i;\n}")]
    [InlineData(
        "line 5",
        "int F(int[] a)\n{\n    int last = a.Length;\n    Console.Write(last);\n    return a[last];\n}\nF([1])"
    )]
    [InlineData("line 2 or 3", "int[] a = [];\nint first = a[0];\nint second = a[1];")]
    [InlineData("line 3", "string s = \"abc\"; int n = 3;\nConsole.Write(s);\nConsole.Write(s[n]);")]
    [InlineData("line 2", "var grid = new int[2, 2]; int n = 2;\ngrid[n, 0] = 1;")]
    [InlineData("line 2", "int most = int.MaxValue;\nchecked { most++; }")]
    [InlineData("line 3", "Span<int> Three() => new int[3];\nvoid F(int n)\n{ Three()[n] = 1; }\nF(3);")]
    [InlineData(
        "line 4",
        "int F(int n, int[] all)\n{\n    if (n < 2) return n;\n    return all[n] = F(n - 1, all) + F(n - 2, all);\n}\nF(10, new int[10])"
    )]
    [InlineData("line 1", "await Task.Yield(); int[] a = []; Console.Write(a[0]);")]
    public async Task A_check_of_an_index_or_an_overflow_has_its_line(string place, string cell)
    {
        CellError error = await Workspace.LastError(cell);
        Assert.Equal($"cell 1, {place}", error.Location);
        Assert.Equal($"   at \e[36mcell 1, {place}\e[39m", error.Traceback[1]);
    }

    [Fact]
    public async Task A_check_that_may_be_another_cells_is_only_said_to_be_in_its_cell()
    {
        CellError error = await Workspace.LastError(
            "int First(int[] a) => a[0];",
            "int F(int[] a)\n{\n    int first = First(a);\n    return first + a[1];\n}\nF([1])"
        );
        Assert.Equal("   at \e[36mcell 2\e[39m", error.Traceback[1]);
        Assert.Equal("cell 2, line 6", error.Location);
    }

    [Theory]
    [InlineData(
        "Span<int> s = new int[3];",
        "A cell's own variable is kept for later cells, which a span cannot be: put the lines that need it in braces."
    )]
    [InlineData("class Held { Span<int> s; }", null)]
    [InlineData("\"abc\".AsSpan(1)", "A span cannot be shown: end the cell with its ToString() or ToArray().")]
    [InlineData(
        "file class C { }",
        "A cell is a script, whose types stand inside one of its own: leave file out. Only this notebook sees them."
    )]
    [InlineData(
        "[System.Diagnostics.CodeAnalysis.Experimental(\"LAB7\")]\nclass Trial { }\nnew Trial()",
        "To use it all the same, write #pragma warning disable LAB7 in the cell."
    )]
    [InlineData("int number = \"3\";", null)]
    public async Task What_a_program_may_and_a_cell_may_not_gets_advice(string cell, string? advice)
    {
        CellError error = await Workspace.LastError(cell);
        if (advice is null)
        {
            Assert.Equal($"\e[31merror {error.Name}\e[39m: {error.Message}", error.Traceback[0].Split(": ", 2)[1].Split('\n')[0]);
            Assert.Single(error.Traceback);
        }
        else
        {
            Assert.EndsWith($". {advice}", error.Message, StringComparison.Ordinal);
            Assert.Equal(advice, error.Traceback[^1]);
        }
    }

    [Fact]
    public async Task Two_types_of_a_name_are_told_apart_by_their_cells()
    {
        CellError error = await Workspace.LastError("class Box { }\nvar box = new Box();", "class Box { }", "Box other = box;");
        Assert.Equal("Cannot implicitly convert type 'Box [cell 1]' to 'Box [cell 2]'", error.Message);
    }

    [Fact]
    public async Task Paths_of_directives_may_be_written_as_on_windows_and_have_a_comment()
    {
        using var workspace = new Workspace();
        workspace.Write("parts/more/three.csx", "int three = 3;");
        workspace.Write("parts/cells.csx", "#!import more\\three.csx");
        using var engine = new CSharpEngine(workspace.Folder);
        ExecutionResult result = await engine.ExecuteAsync(
            "#!import \"parts\\cells.csx\" // a \"comment\"\n#r \"System.Data.dll\"// another\nthree + 1",
            "cell 1",
            new NotebookOutputs(),
            TestContext.Current.CancellationToken
        );
        Assert.Null(result.Error?.Message);
        Assert.Equal(4, result.Value);
    }

    [Fact]
    public async Task An_exception_that_a_cell_declares_goes_by_its_own_name()
    {
        CellError error = await Workspace.LastError(
            "class TooCold(string why) : Exception(why);",
            "throw new TooCold(\"-300\");"
        );
        Assert.Equal("TooCold", error.Name);
        Assert.Equal("\e[31mTooCold\e[39m: -300", error.Traceback[0]);
    }

    [Fact]
    public async Task What_a_value_throws_while_it_is_shown_is_the_error()
    {
        CellError error = await Workspace.LastError(
            "IEnumerable<int> Numbers()\n{\n    yield return 1;\n    throw new FormatException(\"no two\");\n}",
            "Numbers()"
        );
        Assert.Equal(("System.FormatException", "no two"), (error.Name, error.Message));
        Assert.Contains("cell 1, line 4", error.Traceback[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("union.Add(3);\nunion.Count", "2")]
    [InlineData("union = new() { 7 };\nunion.Single()", "7")]
    [InlineData("record = record + \"!\";\nrecord += \"?\"; record.Length", "4")]
    [InlineData("  extension.ToUpper() + record[0]", ".CSa")]
    [InlineData(
        "record Pair(int A, int B);\nextension = \"x\";\nrecord struct Point(int X);\nnew Pair(1, 2).B + extension",
        "2x"
    )]
    public async Task Variables_may_have_the_names_of_contextual_keywords(string cell, string text) =>
        Assert.Equal(
            text,
            await Workspace.LastText("var union = new HashSet<int> { 1 }; var record = \"ab\"; var extension = \".cs\";", cell)
        );

    [Fact]
    public async Task State_is_kept_between_cells_and_names_can_be_declared_anew() =>
        Assert.Equal(
            "42-x",
            await Workspace.LastText(
                "int a = 40; int Twice(int v) => 2 * v;",
                "a += Twice(1);",
                "int before = a;",
                "string a = \"x\";",
                "$\"{before}-{a}\""
            )
        );

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
    public async Task Only_a_trailing_expression_is_shown(string cell, int outputs) =>
        Assert.Equal(outputs, (await Workspace.LastOutputs(cell)).Count);

    [Fact]
    public async Task A_display_is_not_shown_again_as_a_result()
    {
        JsonArray outputs = await Workspace.LastOutputs("display(1)", "2.Display()");
        Assert.Equal("display_data", (string?)Assert.Single(outputs)!["output_type"]);
    }

    [Fact]
    public async Task Console_and_displays_appear_in_the_order_they_were_written()
    {
        JsonArray outputs = await Workspace.LastOutputs(
            """Console.Write("a"); Console.WriteLine(1); display("mid"); Console.Error.Write("e"); Console.Write('z'); "end" """
        );
        Assert.Equal(
            ["stream:a1\n", "display_data:mid", "stream:e", "stream:z", "execute_result:end"],
            outputs.Select(o => $"{o!["output_type"]}:{o["text"] ?? o["data"]!["text/plain"]}")
        );
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
            "var go = new TaskCompletionSource(); var late = Task.Run(async () => { await go.Task; Console.Write(\"late\"); });",
            "go.SetResult(); await late;"
        );
        Assert.Empty(outputs[0]);
        Assert.Equal("late", (string?)Assert.Single(outputs[1])!["text"]);
    }

    [Fact]
    public async Task A_displayed_value_is_replaced_in_place_also_from_a_later_cell()
    {
        (_, List<JsonArray> outputs) = await Workspace.Cells(
            "var d = display(\"one\"); Console.Write(\"after\");",
            "d.Update(2); d.Update(3);"
        );
        Assert.Equal("3", (string?)outputs[0][0]!["data"]!["text/plain"]);
        Assert.Equal("after", (string?)outputs[0][1]!["text"]);
        Assert.Empty(outputs[1]);
    }

    [Theory]
    [InlineData("int a = 1;\n\nint b = nothing;", "CS0103", "cell 2, line 3")]
    [InlineData("int a = ;", "CS1525", "cell 2, line 1")]
    [InlineData("var a = 1;\nthrow new InvalidOperationException(\"no\");", "System.InvalidOperationException", "cell 2, line 2")]
    [InlineData("\n\nFail();", "System.FormatException", "cell 2, line 3")]
    [InlineData(
        "await Task.Yield();\nint z = 0;\nawait Task.Run(() => 1 / z);",
        "System.DivideByZeroException",
        "cell 2, line 3"
    )]
    [InlineData("int.Parse(\n\"x\")", "System.FormatException", "cell 2, line 1")]
    [InlineData("#r \"nothing.dll\"", "Error", "cell 2, line 1")]
    [InlineData("1\n#!bash\nls", "Error", "cell 2, line 2")]
    [InlineData(
        "List<int> v = [1, 1];\nint i = 0;\nwhile (v[i] != 0)\n{\n    i++;\n}",
        "System.ArgumentOutOfRangeException",
        "cell 2, line 3"
    )]
    [InlineData(
        "List<int> v = [1, 1, 1];\nint i = 0;\nwhile (v[i] != 0)\n{\n    i++;\n}",
        "System.ArgumentOutOfRangeException",
        "cell 2, line 3"
    )]
    [InlineData(
        "List<int> v = [1, 1];\nint i = 0;\nwhile (i != 3)\n{\n    v[i] = 0;\n    i++;\n}",
        "System.ArgumentOutOfRangeException",
        "cell 2, line 5"
    )]
    [InlineData(
        "List<int> v = [1];\nint i = 0;\nwhile (i != 3)\n{\n    v[i] = 0;\n    i++;\n}",
        "System.ArgumentOutOfRangeException",
        "cell 2, line 5"
    )]
    public async Task An_error_names_cell_and_line(string cell, string name, string location)
    {
        CellError error = await Workspace.LastError("void Fail()\n{\n    throw new FormatException();\n}", cell);
        Assert.Equal(name, error.Name);
        Assert.Equal(location, error.Location);
    }

    [Fact]
    public async Task A_traceback_shows_the_cells_and_the_cause_but_not_the_host()
    {
        CellError error = await Workspace.LastError(
            "void Fail()\n{\n    try { int.Parse(\"x\"); } catch (Exception e) { throw new "
                + "InvalidOperationException(\"outer\", e); }\n}",
            "Fail();"
        );
        string text = string.Join('\n', error.Traceback);
        Assert.Contains("cell 1, line 3", text, StringComparison.Ordinal);
        Assert.Contains("cell 2, line 1", text, StringComparison.Ordinal);
        Assert.Contains("caused by", text, StringComparison.Ordinal);
        Assert.DoesNotContain("AttentionLab.Kernel", text, StringComparison.Ordinal);
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
        Task<ExecutionResult> running = engine.ExecuteAsync(
            "await Task.Delay(-1, KernelInvocationContext.Current.CancellationToken);",
            "cell 1",
            new NotebookOutputs(),
            stop.Token
        );
        stop.CancelAfter(300);
        Assert.True((await running).Cancelled);
        Assert.Equal(
            2,
            (await engine.ExecuteAsync("1 + 1", "cell 2", new NotebookOutputs(), TestContext.Current.CancellationToken)).Value
        );
    }

    [Theory]
    [InlineData("int own = 1; while (true) { own++; }")]
    [InlineData("while (true) { try { while (true) { } } catch (Exception) { } finally { } }")]
    [InlineData("await Task.Delay(1); while (true) ;")]
    [InlineData("await Task.Delay(10); while (true) { try { while (true) { } } catch (Exception) { } }")]
    [InlineData("async Task<int> Spin() { await Task.Yield(); while (true) { } } Spin().Result")]
    [InlineData("await Task.WhenAll(Enumerable.Range(0, 3).Select(async i => { await Task.Delay(10); while (true) { } }));")]
    [InlineData("await Task.Run(async () => { await Task.Yield(); for (;;) await Task.Delay(1).ConfigureAwait(false); });")]
    [InlineData("async Task Forever() { await Task.Delay(1); again: await Task.Delay(1); goto again; } await Forever();")]
    [InlineData("int Count(int n) { return n == 0 ? 0 : 1 + Count(n - 1) + Count(n - 1); } Count(200)")]
    [InlineData(
        "var text = new List<string>(); while (true) { text.Clear(); for (int i = 0; i < 1000; i++) text.Add(i.ToString()); }"
    )]
    [InlineData("Enumerable.Repeat(1.0, int.MaxValue).Select(x => x + 1).Concat(Enumerable.Repeat(1.0, int.MaxValue)).Sum()")]
    [InlineData("int F(int n) => n < 2 ? 1 : F(n - 1) + F(n - 2); F(60)")]
    [InlineData("Func<int, int> f = null; f = n => n < 2 ? 1 : f(n - 1) + f(n - 2); f(60)")]
    [InlineData(
        "class P { int _n = 60; public int A { get { if (_n < 2) return 1; _n--; int s = A; _n--; s += A; _n += 2; return s; "
            + "} } } new P().A"
    )]
    [InlineData("class P { public int this[int n] => n < 2 ? 1 : this[n - 1] + this[n - 2]; } new P()[60]")]
    [InlineData("IEnumerable<int> All() { for (int i = 0; ; i++) yield return i; } All().Count()")]
    [InlineData(
        "(from i in Enumerable.Repeat(1, int.MaxValue) from j in Enumerable.Repeat(1, 9) where i + j < 0 select i).Count()"
    )]
    [InlineData("(from i in Enumerable.Repeat(1, int.MaxValue) from j in Enumerable.Repeat(1, int.MaxValue) select i + j).Sum()")]
    [InlineData("int n = 40_000; for (short i = 0; i + 1 < n; i++) ;")]
    [InlineData("Enumerable.Range(0, int.MaxValue).AsParallel().Select(i => Math.Sin(i)).Sum()")]
    [InlineData(
        "new List<int>(Enumerable.Range(0, 1 << 20)).Sort((a, b) => { System.Threading.Thread.SpinWait(1000); return "
            + "a.CompareTo(b); });"
    )]
    [InlineData("System.Threading.Thread.Sleep(-1);")]
    [InlineData("Task.Delay(-1).Wait();")]
    [InlineData("await Task.Delay(1); System.Threading.Thread.Sleep(-1);")]
    [InlineData("await Task.Yield(); Task.Delay(-1).Wait();")]
    [InlineData("await Task.Run(() => System.Threading.Thread.Sleep(-1));")]
    [InlineData("await Task.Delay(1); try { System.Threading.Thread.Sleep(-1); } catch { } System.Threading.Thread.Sleep(-1);")]
    [InlineData(
        "await Task.WhenAll(Enumerable.Range(0, 3).Select(async i => { await Task.Delay(i); var gate = new object(); lock "
            + "(gate) System.Threading.Monitor.Wait(gate); }));"
    )]
    [InlineData("Parallel.For(0, 1_000_000, i => System.Threading.Thread.SpinWait(100_000));")]
    [InlineData(
        "Enumerable.Range(0, int.MaxValue).Select(i => { System.Threading.Thread.SpinWait(1_000_000); return new { i }; })"
    )]
    public async Task A_cell_that_does_not_look_at_its_token_is_stopped_and_what_was_before_stays(string cell)
    {
        using var stop = new CancellationTokenSource();
        using var engine = new CSharpEngine(Path.GetTempPath());
        CancellationToken token = TestContext.Current.CancellationToken;
        await engine.ExecuteAsync("int kept = 5;", "cell 1", new NotebookOutputs(), token);
        var sink = new StartedSink();
        Task<ExecutionResult> running = engine.ExecuteAsync("display(1); " + cell, "cell 2", sink, stop.Token);
        await sink.WaitUntilStarted(running);
        await Task.Delay(300, token);
        Assert.False(running.IsCompleted);
        var watch = Stopwatch.StartNew();
        await stop.CancelAsync();
        Assert.True((await running).Cancelled);
        TestContext.Current.TestOutputHelper?.WriteLine($"{watch.ElapsedMilliseconds} ms");
        Assert.Null(sink.Text); // a second on an idle machine, and on any before a cell is left behind

        Assert.Equal(
            10,
            (
                await engine.ExecuteAsync(
                    "System.Threading.Thread.Sleep(5); await Task.Delay(5); kept + 5",
                    "cell 3",
                    new NotebookOutputs(),
                    token
                )
            ).Value
        );
        using var again = new CancellationTokenSource();
        sink = new StartedSink();
        running = engine.ExecuteAsync("display(1); while (true) { }", "cell 4", sink, again.Token);
        await sink.WaitUntilStarted(running);
        await again.CancelAsync();
        Assert.True((await running).Cancelled);
    }

    [Fact]
    public async Task An_interrupt_of_a_cell_in_the_pool_reaches_no_other_work_of_the_pool()
    {
        using var engine = new CSharpEngine(Path.GetTempPath());
        CancellationToken token = TestContext.Current.CancellationToken;
        int disturbed = 0;
        using var end = new CancellationTokenSource();
        Task[] others =
        [
            .. Enumerable
                .Range(0, 4)
                .Select(async _ =>
                {
                    while (!end.IsCancellationRequested)
                    {
                        try
                        {
                            await Task.Yield();
                            Thread.Sleep(1);
                        }
                        catch (ThreadInterruptedException)
                        {
                            Interlocked.Increment(ref disturbed);
                        }
                    }
                }),
        ];
        for (int i = 0; i < 5; i++)
        {
            using var stop = new CancellationTokenSource();
            var sink = new StartedSink();
            Task<ExecutionResult> running = engine.ExecuteAsync(
                "display(1); while (true) { try { await Task.Delay(1); System.Threading.Thread.Sleep(2000); } catch { } }",
                "cell 1",
                sink,
                stop.Token
            );
            await sink.WaitUntilStarted(running);
            await stop.CancelAsync();
            Assert.True((await running).Cancelled);
        }

        await end.CancelAsync();
        await Task.WhenAll(others);
        Assert.Equal(0, disturbed);
    }

    [Theory]
    [InlineData("await Task.Delay(1); try { System.Threading.Thread.Sleep(-1); } catch (Exception) { }")]
    [InlineData("try { while (true) { } } catch (Exception) { }")]
    [InlineData("try { while (true) { } } catch { } \"done\"")]
    [InlineData("try { System.Threading.Thread.Sleep(-1); } catch (Exception) { }")]
    [InlineData("try { await Task.Delay(-1, KernelInvocationContext.Current.CancellationToken); } catch (Exception) { }")]
    [InlineData("try { await Task.Run(() => { while (true) { } }); } catch (Exception) { }")]
    public async Task A_cell_that_swallows_its_interruption_ends_as_interrupted_and_keeps_what_it_made(string cell)
    {
        using var stop = new CancellationTokenSource();
        using var engine = new CSharpEngine(Path.GetTempPath());
        var sink = new StartedSink();
        Task<ExecutionResult> running = engine.ExecuteAsync("int made = 3; display(1); " + cell, "cell 1", sink, stop.Token);
        await sink.WaitUntilStarted(running);
        await stop.CancelAsync();
        ExecutionResult result = await running;
        Assert.Equal((true, null), (result.Cancelled, result.Error));
        Assert.Equal(3, (await engine.ExecuteAsync("made", "cell 2", sink, TestContext.Current.CancellationToken)).Value);
    }

    [Fact]
    public async Task A_cell_that_awaits_what_does_not_come_is_stopped_and_does_not_go_on()
    {
        using var stop = new CancellationTokenSource();
        using var engine = new CSharpEngine(Path.GetTempPath());
        CancellationToken token = TestContext.Current.CancellationToken;
        var sink = new StartedSink();
        await engine.ExecuteAsync("var later = new TaskCompletionSource<int>(); int got = 0;", "cell 1", sink, token);
        Task<ExecutionResult> running = engine.ExecuteAsync(
            "display(1); int taken = await later.Task; got = 1;",
            "cell 2",
            sink,
            stop.Token
        );
        await sink.WaitUntilStarted(running);
        await stop.CancelAsync();
        ExecutionResult result = await running;
        Assert.Equal((true, null), (result.Cancelled, result.Error));
        Assert.Equal(
            0,
            (await engine.ExecuteAsync("later.SetResult(7); await Task.Delay(300); got", "cell 3", sink, token)).Value
        );
    }

    [Fact]
    public async Task An_exception_without_a_message_is_told() =>
        Assert.Equal(
            "Silent",
            (
                await Workspace.LastError(
                    "class Silent : Exception { public override string Message => null; } throw new Silent();"
                )
            ).Name
        );

    [Fact]
    public async Task A_cell_that_cannot_be_stopped_is_left_behind_and_changes_nothing_later()
    {
        using var stop = new CancellationTokenSource();
        using var engine = new CSharpEngine(Path.GetTempPath());
        CancellationToken token = TestContext.Current.CancellationToken;
        var sink = new StartedSink();
        await engine.ExecuteAsync("int kept = 5;", "cell 1", sink, token);
        Task<ExecutionResult> running = engine.ExecuteAsync(
            "int kept = 6; display(1); System.Text.RegularExpressions.Regex.IsMatch(new string('a', 28) + \"!\", \"^(a+)+$\")",
            "cell 2",
            sink,
            stop.Token
        );
        await sink.WaitUntilStarted(running);
        await stop.CancelAsync();
        ExecutionResult left = await running;
        Assert.SkipWhen(left.Error is null, "This machine matched the expression within the time that a cell gets to stop.");
        Assert.True(left.Cancelled);
        Assert.StartsWith("cell 2 cannot be stopped", left.Error.Message, StringComparison.Ordinal);
        Assert.Contains("Restart the kernel", left.Error.Message, StringComparison.Ordinal);
        Assert.Equal(6, (await engine.ExecuteAsync("kept + 1", "cell 3", sink, token)).Value);
        Assert.Equal(5, (await engine.ExecuteAsync("await Task.Delay(100); kept", "cell 4", sink, token)).Value);
    }

    [Fact]
    public async Task All_causes_of_an_exception_are_told()
    {
        string text = string.Join(
            '\n',
            (
                await Workspace.LastError(
                    "throw new AggregateException(new FormatException(\"one\", new Exception(\"deep\")), new "
                        + "FormatException(\"two\"));"
                )
            ).Traceback
        );
        Assert.All(["one", "deep", "two"], cause => Assert.Contains($"Exception\e[39m: {cause}", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_training_that_takes_the_cells_token_stops_at_its_next_batch_and_gives_its_history()
    {
        using var stop = new CancellationTokenSource();
        using var engine = new CSharpEngine(Path.GetTempPath());
        CancellationToken token = TestContext.Current.CancellationToken;
        var outputs = new NotebookOutputs();
        Assert.Null(
            (
                await engine.ExecuteAsync(
                    $"#r \"{Workspace.Library}\"\nusing AttentionLab.Data; using AttentionLab.Models; using "
                        + "AttentionLab.Training; using TorchSharp;\ntorch.set_num_threads(1); var data = "
                        + $"DataSets.Load(\"none\", \"shapes\", _ => {{ }}); var network = new Cnn(data.ClassNames.Count);",
                    "cell 1",
                    outputs,
                    token
                )
            ).Error
        );
        var sink = new StartedSink();
        Task<ExecutionResult> running = engine.ExecuteAsync(
            "var history = new Trainer(new TrainingOptions { Epochs = 100, BatchSize = 8 }).Fit(network, data, _ => "
                + "display(1), KernelInvocationContext.Current.CancellationToken);",
            "cell 2",
            sink,
            stop.Token
        );
        await sink.WaitUntilStarted(running);
        await stop.CancelAsync();
        Assert.True((await running).Succeeded); // it ends by itself, with what it has
        Assert.Equal(
            true,
            (await engine.ExecuteAsync("history.Cancelled && history.IterationLosses.Count > 0", "cell 3", outputs, token)).Value
        );
    }

    [Fact]
    public async Task A_directive_in_a_string_is_text() =>
        Assert.Equal(
            "\n#!import nothing\n#r x\n",
            await Workspace.LastText("#region r\nvar s = @\"\n#!import nothing\n#r x\n\";\n#endregion\ns")
        );

    [Fact]
    public async Task Warnings_name_cell_and_line_and_leave_out_what_a_later_cell_may_use()
    {
        JsonArray outputs = await Workspace.LastOutputs(
            "int unused; async Task F() { int x = 0; }",
            "\nif (false) Console.Write(1);\n5"
        );
        Assert.Equal(["stderr", null], outputs.Select(o => (string?)o!["name"]));
        Assert.Equal(
            "cell 2, line 2: \e[33mwarning CS0162\e[39m: Unreachable code detected\n    if (false) Console.Write(1);\n        "
                + "       \e[33m^^^^^^^\e[39m\n",
            (string?)outputs[0]!["text"]
        );
        Assert.Empty(await Workspace.LastOutputs("int unused; async Task F() { int x = 0; }"));
        Assert.Empty(await Workspace.LastOutputs("int i = 0; while (true) { if (i == 5) break; i++; }"));
    }

    [Fact]
    public async Task Who_names_the_newest_of_every_variable()
    {
        Assert.Equal("b\na", await Workspace.LastText("int a = 1; string b = \"x\";", "float a = 2;\n#!who"));
        Assert.Equal(
            "Variable  Type           Value\n--------  -------------  -----\nb         System.String  x\na         "
                + "System.Single  2",
            await Workspace.LastText("int a = 1; string b = \"x\";", "float a = 2;\n#!whos")
        );
    }

    /// <summary>What stands before the line is compiled before it: a cell's first code takes longer than the rest.</summary>
    [Fact]
    public async Task Time_counts_no_compilation_before_its_line()
    {
        JsonArray outputs = await Workspace.LastOutputs(
            "int[] squares = [.. Enumerable.Range(0, 9).Select(n => n * n)];\n#!time\n1"
        );
        Match times = Regex.Match(
            (string)outputs[^1]!["data"]!["text/plain"]!,
            @"^Wall time: ([\d.]+) ms, of which compilation ([\d.]+) ms$"
        );
        Assert.InRange(Number(2), 0, Number(1));

        double Number(int group) => double.Parse(times.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Time_is_told_after_the_cell()
    {
        JsonArray outputs = await Workspace.LastOutputs("#!time\nawait Task.Delay(30);\n1");
        Assert.Equal("1", (string?)outputs[0]!["data"]!["text/plain"]);
        string text = (string)outputs[1]!["data"]!["text/plain"]!;
        Match times = Regex.Match(text, @"^Wall time: ([\d.]+) ms, of which compilation ([\d.]+) ms$");
        Assert.True(times.Success, text);
        double wall = double.Parse(times.Groups[1].ValueSpan, CultureInfo.InvariantCulture),
            compilation = double.Parse(times.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
        Assert.InRange(wall, 30, 60_000);
        Assert.InRange(compilation, 0.1, wall - 29.9);
    }

    [Fact]
    public async Task Text_of_other_languages_is_shown_and_code_may_follow()
    {
        JsonArray outputs = await Workspace.LastOutputs(
            "int a = 4;\n#!markdown\n# It's \"a\"\n#!/bin/sh\n#!html\n<b>/*</b>\n#!csharp\na"
        );
        Assert.Equal(
            ["# It's \"a\"\n#!/bin/sh", "<b>/*</b>", "4"],
            outputs.Select(o => (string?)(o!["data"]!["text/markdown"] ?? o["data"]!["text/html"] ?? o["data"]!["text/plain"]))
        );
        Assert.Equal(
            "cell 1, line 5",
            (await Workspace.LastError("#!markdown\ntext\n#!csharp\n\nthrow new Exception();")).Location
        );
    }

    [Fact]
    public async Task Spans_and_displays_go_through_the_names_notebooks_know()
    {
        JsonArray outputs = await Workspace.LastOutputs(
            "display(new[] { 1, 2 }.AsSpan(1)); new[] { 3f }.AsSpan().Display(); display(new[] { 4 }); display(\"s\"); \"# "
                + "m\".DisplayAs(\"text/markdown\"); display(HTML(\"<b>\")); var d = display(1, \"text/html\"); d.Update(2); "
                + "var t = \"a\".DisplayAs(\"text/markdown\"); t.Update(\"*b*\");"
        );
        Assert.Equal(
            ["[ 2 ]", "[ 3 ]", "[ 4 ]", "s", "# m", "<b>", "2", "*b*"],
            outputs.Select(o => o!["data"]!.AsObject()).Select(data => (string?)(data["text/markdown"] ?? data["text/plain"]))
        );
        Assert.Equal("<b>", (string?)outputs[5]!["data"]!["text/html"]);
    }

    [Theory]
    [InlineData("try { Library.Wait(KernelInvocationContext.Current.CancellationToken); } catch (Exception) { }")]
    [InlineData("try { await Library.WaitAsync(KernelInvocationContext.Current.CancellationToken); } catch { }")]
    [InlineData(
        "var own = System.Threading.CancellationTokenSource.CreateLinkedTokenSource(KernelInvocationContext.Current."
            + "CancellationToken); try { await Library.WaitAsync(own.Token); } catch (OperationCanceledException) { }"
    )]
    public async Task A_cell_that_swallows_the_cancellation_of_a_library_was_interrupted(string cell) =>
        Assert.True(await IsCancelled(cell));

    [Fact]
    public async Task A_library_that_ends_early_by_itself_lets_the_cell_end_well() =>
        Assert.False(await IsCancelled("Library.WaitToTheEnd(KernelInvocationContext.Current.CancellationToken); 7"));

    // Runs a cell that waits in a library, stops it, and tells whether it ended as stopped.
    private static async Task<bool> IsCancelled(string cell)
    {
        using var workspace = new Workspace();
        string library = ReferenceTests.Compile(
            workspace,
            "L" + Guid.NewGuid().ToString("N"),
            """
            using System; using System.Threading; using System.Threading.Tasks;
            public static class Library
            {
                public static void Wait(CancellationToken stop) { stop.WaitHandle.WaitOne(); stop.ThrowIfCancellationRequested(); }
                public static async Task WaitAsync(CancellationToken stop) => await Task.Delay(-1, stop);
                public static void WaitToTheEnd(CancellationToken stop)
                {
                    try { Wait(stop); } catch (OperationCanceledException) { }
                }
            }
            """
        );
        using var engine = new CSharpEngine(workspace.Folder);
        using var stop = new CancellationTokenSource();
        var sink = new StartedSink();
        Task<ExecutionResult> running = engine.ExecuteAsync($"#r \"{library}\"\ndisplay(1);\n{cell}", "cell 1", sink, stop.Token);
        await sink.WaitUntilStarted(running);
        await stop.CancelAsync();
        return (await running).Cancelled;
    }

    [Fact]
    public async Task Memory_grows_by_little_with_each_cell()
    {
        using var engine = new CSharpEngine(Path.GetTempPath());
        var sink = new NotebookOutputs();
        long before = 0;
        const int First = 30,
            Cells = 100;
        for (int i = 0; i < First + Cells; i++)
        {
            before = i == First ? GC.GetTotalMemory(forceFullCollection: true) : before;
            ExecutionResult result = await engine.ExecuteAsync(
                $"var list{i} = Enumerable.Range(0, {i}).Select(n => n * 2).ToList(); int F{i}(int v) {{ for (int n = 0; n < "
                    + $"{i}; n++) {{ v++; }} return v; }} F{i}(list{i}.Count)",
                $"cell {i}",
                sink,
                TestContext.Current.CancellationToken
            );
            Assert.Equal(2 * i, result.Value);
        }

        double each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Cells / 1e6;
        Assert.True(each < 0.3, $"{each:0.000} MB a cell");
    }
}

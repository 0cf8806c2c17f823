using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using Microsoft.CodeAnalysis.CSharp;

namespace AttentionLab.Kernel.Tests.Session;

public sealed class CheckpointTests
{
    private const string Call = "global::AttentionLab.Kernel.Session.Checkpoint.Pass();";

    [Theory]
    [InlineData("int a = 1; Console.Write(a);", "int a = 1; Console.Write(a);")]
    [InlineData("while (x) { y(); }", "while (x) {| y(); }")]
    [InlineData("while (x) ; // why", "while (x) {| ; } // why")]
    [InlineData("do y(); while (x);", "do {| y(); } while (x);")]
    [InlineData(
        "for (;;)\n  foreach (var (a, b) in c)\n    if (a) y(); else z();",
        "for (;;)\n  {| foreach (var (a, b) in c)\n    {| if (a) y(); else z(); } }"
    )]
    [InlineData("again: goto again;", "again:| goto again;")]
    [InlineData("int F() { return 1; }\nint G() => 1;", "int F() {| return 1; }\nint G() => 1;")]
    [InlineData("class C { C() { } void M() { void L() { } } }", "class C { C() {| } void M() {| void L() {| } } }")]
    [InlineData("Run(() => { y(); }, x => x, delegate { z(); });", "Run(() => {| y(); }, x => x, delegate {| z(); });")]
    public void Each_round_and_each_call_gets_one_and_lines_stay(string cell, string expected) =>
        Assert.Equal(
            expected.Replace("|", " " + Call, StringComparison.Ordinal),
            CheckpointInsertion.Into(
                CSharpSyntaxTree.ParseText(
                    cell,
                    CSharpEngine.ParseOptions,
                    cancellationToken: TestContext.Current.CancellationToken
                )
            )
        );

    [Fact]
    public async Task Errors_and_warnings_are_about_what_was_written()
    {
        string error = (
            await Workspace.LastError("int Sum(int n) { int s = 0; for (int i = 0; i < n; i++) s += i; return s }")
        ).Message;
        Assert.DoesNotContain("Checkpoint", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_loop_that_an_earlier_cell_left_running_goes_on_when_a_later_one_is_stopped()
    {
        using var engine = new CSharpEngine(Path.GetTempPath());
        using var stop = new CancellationTokenSource();
        CancellationToken token = TestContext.Current.CancellationToken;
        var sink = new NotebookOutputs();
        await engine.ExecuteAsync(
            "long rounds = 0; bool end = false; var left = Task.Run(() => { while (!end) { rounds++; } });",
            "cell 1",
            sink,
            token
        );
        Task<ExecutionResult> looping = engine.ExecuteAsync("while (true) { }", "cell 2", sink, stop.Token);
        await Task.Delay(200, token);
        await stop.CancelAsync();
        Assert.True((await looping).Cancelled);
        Assert.Equal(
            true,
            (
                await engine.ExecuteAsync(
                    "long before = rounds; while (rounds == before) { } end = true; await left; left.IsCompletedSuccessfully",
                    "cell 3",
                    sink,
                    token
                )
            ).Value
        );
    }
}

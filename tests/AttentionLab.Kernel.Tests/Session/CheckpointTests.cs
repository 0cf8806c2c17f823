using System.Text.RegularExpressions;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AttentionLab.Kernel.Tests.Session;

public sealed partial class CheckpointTests
{
    // In the expected texts `|` stands for what looks whether to stop, `^` for what also asks for room on the stack.
    [Theory]
    [InlineData("int a = 1; Console.Write(a);", "int a = 1; Console.Write(a);")]
    [InlineData("while (x) { y(); }", "while (x) {| y(); }")]
    [InlineData("while (H() > 0) ; // why", "while (H() > 0) {| ; } // why")]
    [InlineData("do y(); while (x);", "do {| y(); } while (x);")]
    [InlineData(
        "for (;;)\n  foreach (var (a, b) in c)\n    if (a) y(); else z();",
        "for (;;)\n  {| foreach (var (a, b) in c)\n    {| if (a) y(); else z(); } }"
    )]
    [InlineData("again: goto again;", "again:| goto again;")]
    [InlineData("int F() { return 1; }\nint G() => 1; // why", "int F() {| return 1; }\nint G() {| return 1; } // why")]
    [InlineData("int G() =>\n  // why\n  H();", "int G() {^\n  // why\n  return H(); }")]
    [InlineData("void G() => H();", "void G() {^ H(); }")]
    [InlineData("int G() => throw new Exception();", "int G() {^ throw new Exception(); }")]
    [InlineData(
        "async Task G() => await H(); async Task<int> K() => await L();",
        "async Task G() {^ await H(); } async Task<int> K() {^ return await L(); }"
    )]
    [InlineData("int[] all = {}; ref int G() => ref all[0];", "int[] all = {}; ref int G() {| return ref all[0]; }")]
    [InlineData(
        "class C { C() { } ~C() { } static C() { } void M() { void L() { H(); } } int P => 1; int Q { get => P; set => H(); } "
            + "int this[int i] { get { return 1; } } }",
        "class C { C() {| } ~C() { } static C() { } void M() {^ void L() {^ H(); } } int P { get {| return 1; } } int Q { get "
            + "{^ return P; } set {^ H(); } } int this[int i] { get {| return 1; } } }"
    )]
    [InlineData(
        "class C { public static C operator +(C a, C b) => a; public static implicit operator int(C c) => c + c; }",
        "class C { public static C operator +(C a, C b) {| return a; } public static implicit operator int(C c) {^ return c + "
            + "c; } }"
    )]
    [InlineData(
        "Action a = () => { H(); }; Action b = () => H(); Func<int, int> c = x => x; Func<Task> d = async () => await e(); "
            + "Action f = delegate { g = 1; };",
        "Action a = () => {^ H(); }; Action b = () => {^ H(); }; Func<int, int> c = x => {| return x; }; Func<Task> d = async "
            + "() => {^ await e(); }; Action f = delegate {| g = 1; };"
    )]
    [InlineData(
        "Func<int, Func<int, int>> add = a => b => a + b;",
        "Func<int, Func<int, int>> add = a => {^ return b => {| return a + b; }; };"
    )]
    [InlineData(
        "System.Linq.Expressions.Expression<Func<int, int>> tree = x => x + 1;",
        "System.Linq.Expressions.Expression<Func<int, int>> tree = x => x + 1;"
    )]
    [InlineData(
        "var q = from i in Enumerable.Range(0, 9) where i > 1 orderby i select i;",
        "var q = from i in Enumerable.Range(0, 9) where «i > 1» orderby «i» select «i»;"
    )]
    [InlineData("Task.Run(() => Environment.Exit(3));", "Task.Run(() => {^ §(3); });")]
    public void Each_round_and_each_function_gets_one_and_lines_stay(string cell, string expected) =>
        Assert.Equal(Written(expected), Inserted(cell));

    [Theory]
    [InlineData("int F(int n) => n < 2 ? n : F(n - 1);", "*int F(int n) { if ( n < 2 ) return  n ;^ return  F(n - 1); }")]
    [InlineData(
        "int F(int n) { if (n < 2) return n; return F(n - 1); }",
        "*int F(int n) { if (n < 2) return n;^ return F(n - 1); }"
    )]
    [InlineData("object F(int n) => n < 2 ? 1 : G(2.5);", "object F(int n) {^ return n < 2 ? 1 : G(2.5); }")]
    [InlineData(
        "int F(int n) { if (n < 2) { return n; } return F(n - 1); }",
        "*int F(int n) {^ if (n < 2) { return n; } return F(n - 1); }"
    )]
    public void The_last_of_many_calls_pays_nothing(string cell, string expected) =>
        Assert.Equal(Written(expected), Inserted(cell));

    [Theory]
    [InlineData("int s = 0; for (int i = 0; i < 9; i++) s += i;", true)]
    [InlineData("double s = 0; for (int i = 0; i < 9; i++) { s += Math.Sqrt(i); }", true)]
    [InlineData("int[] all = {}; int s = 0; foreach (int i in all) s += i;", true)]
    [InlineData("int s = 0; for (int i = 0; i < 9; i++) { s += i; i--; }", false)]
    [InlineData("int s = 0; for (int i = 0; i <= int.MaxValue; i++) s += i;", false)]
    [InlineData("int s = 0; for (long i = 0; i < 9_000_000_000; i++) s += 1;", false)]
    [InlineData("int s = 0; for (int i = 0; i < 3_000_000_000; i++) s += 1;", false)]
    [InlineData("int s = 0; foreach (int i in Enumerable.Range(0, int.MaxValue)) s += i;", false)]
    [InlineData("int s = 0; for (int i = 0; i <= 100; i += 5) s += i;", true)]
    [InlineData("int[] all = {}; int s = 0; for (int i = 0; i < all.Length; ++i) s += all[i];", true)]
    [InlineData("int[] all = {}; int s = 0; for (int i = 0; i < all.Length; i += 2) s += all[i];", false)]
    [InlineData("int s = 0, n = 9; for (int i = 0; i < n; i++) s += i;", false)]
    [InlineData("var s = System.Numerics.BigInteger.One; for (int i = 0; i < 99_999; i++) s *= 3;", false)]
    [InlineData("string s = \"\"; for (int i = 0; i < 999_999; i++) s += 'x';", false)]
    [InlineData("Uri u = null; foreach (int i in new int[9]) { var s = u.Host; }", false)]
    public void A_short_loop_is_left_as_it_is(string cell, bool isShort) => Assert.Equal(isShort, Inserted(cell) == cell);

    // `#` stands for the inner loop's count, `@` for the end of both, `~` for how far a count may go.
    [Theory]
    [InlineData(
        "int n = 9; while (n > 0)\n{ n--; }",
        "int n = 9; for (; n > 0;) {| for (int # = 1024; # > 0 && (n > 0); #--)\n{ n--; } }"
    )]
    [InlineData("int n = 9; for (; ;) n++;", "int n = 9; for (; ;) {| for (int # = 1024; # > 0; #--) n++; }")]
    [InlineData(
        "int n = 9; for (int i = 0; i <= n; i++) if (i == 3) break;",
        "int n = 9; { for (int i = 0; i <= n;) {| for (int # = 1024; # > 0 && (i <= n); #--, i++) if (i == 3) goto @; } @: ; }"
    )]
    [InlineData(
        "int n = 9; for (int i = 0; i < n; i++) if (i == 3) break;",
        "int n = 9; { for (int i = 0; i < n;) for (int # = ~(i, n); i < #; i++) if (i == 3) goto @; @: ; }"
    )]
    [InlineData(
        "int n = 9, s = 0; for (int i = 0; i + 1 < n - s; i++) ;",
        "int n = 9, s = 0; for (int i = 0; i + 1 < n - s;) for (int # = ~(i, (long)(n - s) - 1); i < #; i++) ;"
    )]
    [InlineData("int n = 9; while (n-- > 0) ;", "int n = 9; while (n-- > 0) {| ; }")]
    [InlineData("object o = 1; while (o is int n) ;", "object o = 1; while (o is int n) {| ; }")]
    [InlineData(
        "var n = System.Numerics.BigInteger.One; while (true) n += 3;",
        "var n = System.Numerics.BigInteger.One; while (true) {| n += 3; }"
    )]
    public void A_loop_of_cheap_rounds_looks_once_in_many(string cell, string expected) =>
        Assert.Equal(
            Written(expected)
                .Replace("#", expected.Contains('~', StringComparison.Ordinal) ? "__limit" : "__rounds", StringComparison.Ordinal)
                .Replace("@", "__end", StringComparison.Ordinal)
                .Replace("~", "global::AttentionLab.Kernel.Session.Checkpoint.Limit", StringComparison.Ordinal),
            Number().Replace(Inserted(cell), "$1")
        );

    // Where the end moves, or a number may overflow, each round asks what was written.
    [Theory]
    [InlineData("int n = 9; for (int i = 0; i < n; i++) n--;")]
    [InlineData("int n = 9; for (int i = 0; i < n; i++) (_, (n, _)) = (1, (2, 3));")]
    [InlineData("int n = 9; for (int i = 0; i < n; i++) i--;")]
    [InlineData("int n = 9; for (int i = 0; i < n; i += 2) ;")]
    [InlineData("long n = 9; for (int i = 0; i < n; i++) ;")]
    [InlineData("int n = 9; for (long i = 0; i < n; i++) ;")]
    [InlineData("int n = 9, a = 1; for (int i = a; i + 1 < n; i++) ;")]
    [InlineData("int n = 9; for (int i = int.MaxValue; i + 1 < n; i++) ;")]
    [InlineData("int[] n = { 9 }; for (int i = 0; i < n[0]; i++) n[0]--;")]
    [InlineData("int[] n = { 9 }; for (int i = 0; i < n.Length - 1; i++) n = null;")]
    [InlineData("class P { public int N; } var p = new P(); var q = p; for (int i = 0; i < p.N; i++) q.N--;")]
    [InlineData("void F(ref int n) { int m = 0; for (int i = 0; i < n; i++) m++; }")]
    [InlineData("void F(int n) { ref int m = ref n; for (int i = 0; i < n; i++) m--; }")]
    public void A_loop_whose_end_may_move_is_not_counted(string cell) =>
        Assert.DoesNotContain("__limit", Inserted(cell), StringComparison.Ordinal);

    [Theory]
    [InlineData("int i = a; i < b", "int.MaxValue - 3000, int.MaxValue", 3000)]
    [InlineData("int i = a; i < b", "int.MinValue, int.MinValue + 2048", 2048)]
    [InlineData("int i = a; i < b", "int.MaxValue, int.MinValue", 0)]
    [InlineData("int i = 2147483640; i + 7 < b", "0, int.MaxValue", 0)]
    [InlineData("int i = 2147480000; i + 7 < b", "0, int.MaxValue", 3640)]
    public async Task A_count_ends_where_it_should_at_the_ends_of_int(string loop, string numbers, int rounds)
    {
        string count = $"int Count(int a, int b) {{ int s = 0; for ({loop}; i++) s++; return s; }}";
        Assert.Contains("__limit", Inserted(count), StringComparison.Ordinal);
        Assert.Equal($"{rounds}", await Workspace.LastText(count, $"Count({numbers})"));
    }

    // Values that a loop leaves behind, also by break, continue and return, around the number of rounds it makes at once.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(5000)]
    public async Task A_loop_makes_as_many_rounds_as_were_written(int rounds)
    {
        string cell = $$"""
            int n = {{rounds}};
            int ups = 0; for (int i = 0; i < n; i++) { if (i < 0) continue; ups++; }
            int before = 0; for (int i = 0; i < n; i++) { if (i + 1 == n) break; before++; }
            int pairs = 0; for (int i = 0; i + 1 < n; i++) pairs++;
            int downs = 0, left = n; while (left > 0) { left--; if (left % 2 == 0) continue; downs++; }
            int at = -1; for (int i = 0; ; i++) { if (i == n) { at = i; break; } }
            int kinds = 0; for (int i = n; i >= 1; i--) switch (i % 3) { case 0: kinds++; break; default: break; }
            int First() { int i = 0; while (true) { if (i * i >= n) return i; i++; } }
            int Assigned() { int x; for (;;) { x = n; break; } return x; }
            if (n > 1) for (int i = 0; i <= n; i += n) { if (i > 0) break; } else at += 0;
            FormattableString.Invariant($"{ups} {before} {pairs} {downs} {left} {at} {kinds} {First()} {Assigned()}")
            """;
        Assert.Equal(
            $"{rounds} {Math.Max(rounds - 1, 0)} {Math.Max(rounds - 1, 0)} {rounds / 2} 0 {rounds} {rounds / 3} {(int)Math.Ceiling(Math.Sqrt(rounds))} {rounds}",
            await Workspace.LastText(cell)
        );
    }

    [Fact]
    public async Task A_cell_means_the_same_with_its_checkpoints() =>
        Assert.Equal(
            "1 2.5 Double 120 3,4 abc 6 True (1, 2) 12 1 3 System.Func`2[System.Int32,System.Int32] x => (x + 1)",
            await Workspace.LastText(
                """
                object Branch(bool c) => c ? 1 : 2.5;
                int Factorial(int n) => n < 2 ? 1 : n * Factorial(n - 1);
                IEnumerable<int> Two() { yield return 3; yield return 4; }
                class Text { string _s = ""; public string S { get => _s; set => _s += value; } public int this[int i] => i * 2; }
                var text = new Text { S = "a" }; text.S = "b"; text.S = "c";
                int Sum(params int[] all) { int s = 0; foreach (int v in all) s += v; return s; }
                bool Even(int n) => n == 0 || Odd(n - 1); bool Odd(int n) => n != 0 && Even(n - 1);
                int[] cells = { 7 }; ref int First() => ref cells[0]; First() = 12;
                System.Linq.Expressions.Expression<Func<int, int>> tree = x => x + 1;
                var (p, q) = await Task.Run(async () => { await Task.Yield(); return (1, 2); });
                var set = new HashSet<int>(); new[] { 1, 1 }.ToList().ForEach(v => set.Add(v));
                var query = (from i in Enumerable.Range(0, 9) let j = i * i where j > 5 && j < 10 orderby -i select i).First();
                FormattableString result = $"{Branch(true)} {Branch(false)} {Branch(true).GetType().Name} {Factorial(5)} {string.Join(',', Two())} {text.S} {Sum(1, 2, 3)} {Even(10)} ({p}, {q}) {cells[0]} {set.Count} {query} {(Func<int, int>)(x => x)} {tree}";
                FormattableString.Invariant(result)
                """
            )
        );

    [Theory]
    [InlineData("int F(int n) { return n == 0 ? 0 : 1 + F(n + 1); } F(1)")]
    [InlineData("int F(int n) => 1 + F(n + 1); F(1)")]
    [InlineData("Func<int, int> f = null; f = n => 1 + f(n + 1); f(1)")]
    [InlineData("class P { public int A => B; public int B => A + 1; } new P().A")]
    [InlineData("class P { public int this[int i] => this[i + 1] + 1; } new P()[0]")]
    [InlineData("class P { public static P operator +(P a, P b) => b + a; } new P() + new P()")]
    [InlineData("class P { public override string ToString() => $\"{this}\"; } new P().ToString()")]
    [InlineData("class P { public P() { new P(); } } new P()")]
    [InlineData("int r = 0; await Task.Run(() => { int F(int n) => 1 + F(n + 1); r = F(1); });")]
    public async Task A_recursion_without_end_is_an_error_and_no_end_of_the_process(string cell)
    {
        CellError error = await Workspace.LastError("int kept = 1;", cell);
        Assert.Equal(typeof(InsufficientExecutionStackException).FullName, error.Name);
        Assert.InRange(error.Traceback.Count, 2, 200);
    }

    [Theory]
    [InlineData("Environment.Exit(0);")]
    [InlineData("await Task.Run(() => Environment.Exit(1));")]
    [InlineData("Environment.FailFast(\"no\");")]
    public async Task A_kernel_goes_on_when_a_cell_would_end_the_process(string cell)
    {
        using var engine = new CSharpEngine(Path.GetTempPath(), keepsProcess: true);
        CancellationToken token = TestContext.Current.CancellationToken;
        ExecutionResult result = await engine.ExecuteAsync("int kept = 5; " + cell, "cell 1", new NotebookOutputs(), token);
        Assert.Contains("restart the kernel", result.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(5, (await engine.ExecuteAsync("kept", "cell 2", new NotebookOutputs(), token)).Value);
    }

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

    private static readonly CSharpCompilation Declared = CSharpCompilation.CreateScriptCompilation(
        "before",
        CSharpSyntaxTree.ParseText(
            "bool x = true; void y() { } void z() { } List<(bool, int)> c = []; int g = 0; object G(object o) => o;"
                + " int H() => 1; async Task<int> K() => 1; async Task<int> L() => 1; async Task<int> e() => 1;",
            CSharpEngine.ParseOptions
        ),
        AssemblyReferences.Default,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, usings: CSharpEngine.Imports)
    );

    private static string Inserted(string cell)
    {
        Compilation compilation = CSharpCompilation.CreateScriptCompilation(
            "cell",
            CSharpSyntaxTree.ParseText(cell, CSharpEngine.ParseOptions, cancellationToken: TestContext.Current.CancellationToken),
            AssemblyReferences.Default,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, usings: CSharpEngine.Imports),
            Declared
        );
        return CheckpointInsertion.Into(compilation, keepsProcess: true);
    }

    [GeneratedRegex("(__rounds|__limit|__end)[0-9]+")]
    private static partial Regex Number();

    private static string Written(string expected) =>
        expected
            .Replace("|", CheckpointInsertion.Look, StringComparison.Ordinal)
            .Replace("^", CheckpointInsertion.Call, StringComparison.Ordinal)
            .Replace("*", CheckpointInsertion.Optimized, StringComparison.Ordinal)
            .Replace("«", "global::AttentionLab.Kernel.Session.Checkpoint.Pass(", StringComparison.Ordinal)
            .Replace("»", ")", StringComparison.Ordinal)
            .Replace("§", "global::AttentionLab.Kernel.Session.Checkpoint.Exit", StringComparison.Ordinal);
}

using System.Text.RegularExpressions;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AttentionLab.Kernel.Tests.Session;

public sealed partial class CheckpointTests
{
    // In the expected texts `|` stands for what looks whether to stop, `‖` for the same as a call, `^` for what also asks for
    // room on the stack, `~` and `¬` for the same in an async function and its end,
    // `®` for the start of a `catch` and `¤` for its filter, `¢` and `»` for a delegate that looks.
    [Theory]
    [InlineData("int a = 1; Console.Write(a);", "int a = 1; Console.Write(a);")]
    [InlineData("while (x) { y(); }", "while (x) { y(); ‖; }")]
    [InlineData("while (H() > 0) ; // why", "while (H() > 0) {| ; } // why")]
    [InlineData("do y(); while (x);", "do { y(); ‖; } while (x);")]
    [InlineData(
        "for (;;)\n  foreach (var (a, b) in c)\n    if (a) y(); else z();",
        "for (;;‖)\n  foreach (var (a, b) in c)\n    { if (a) y(); else z(); ‖; }"
    )]
    [InlineData(
        "for (int i = 0; H() > i; i++) { if (x) continue; y(); }",
        "for (int i = 0; H() > i; i++, ‖) { if (x) continue; y(); }"
    )]
    [InlineData("while (x) { if (H() > 1) continue; y(); }", "while (x) { ‖; if (H() > 1) continue; y(); }")]
    [InlineData(
        "foreach (var a in c) { for (int i = 0; H() > i; i++) { continue; }}",
        "foreach (var a in c) { for (int i = 0; H() > i; i++) {|i continue; }‖; }"
    )]
    [InlineData("again: goto again;", "again:| goto again;")]
    [InlineData(
        "switch (g) { case 1: case 2: goto default; default: goto case 1; }",
        "switch (g) { case 1: case 2:| goto default; default:| goto case 1; }"
    )]
    [InlineData("int F() { return 1; }\nint G() => 1; // why", "int F() {| return 1; }\nint G() {| return 1; } // why")]
    [InlineData("int G() =>\n  // why\n  H();", "int G() {\n  // why\n ^ return H(); }")]
    [InlineData("void G() => H();", "void G() {^ H(); }")]
    [InlineData("int G() => throw new Exception();", "int G() {^ throw new Exception(); }")]
    [InlineData(
        "async Task G() => await H(); async Task<int> K() => await L();",
        "async Task G() {~ await H();¬ } async Task<int> K() {~ return await L();¬ }"
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
            + "() => {~ await e();¬ }; Action f = delegate {| g = 1; };"
    )]
    [InlineData(
        "Func<int, Func<int, int>> add = a => b => a + b;",
        "Func<int, Func<int, int>> add = a => {^ return b => {| return a + b; }; };"
    )]
    [InlineData(
        "void G() { try { H(); } catch { throw; } } void F() { try { H(); } catch (Exception e) when (x) { y(); } finally { } }",
        "void G() {^ try { H(); } catch when (¤) {® throw; } } void F() {^ try { H(); } catch (Exception e) when (¤ && (x)) {® "
            + "y(); } finally { } }"
    )]
    [InlineData("try { y(); } catch (Exception e) { g = 1; }", "try { y(); } catch (Exception e) {® g = 1; }")]
    [InlineData(
        "record N(int V, object O); record M(string S, List<M> L); record struct S(object O);",
        "record N(int V, object O) { protected virtual global::System.Type EqualityContract { get {^ return typeof(N); } } } "
            + "record M(string S, List<M> L); record struct S(object O);"
    )]
    [InlineData(
        "System.Linq.Expressions.Expression<Func<int, int>> tree = x => x + 1;",
        "System.Linq.Expressions.Expression<Func<int, int>> tree = x => x + 1;"
    )]
    [InlineData(
        "var q = from i in Enumerable.Range(0, 9) where i > 1 orderby i select -i;",
        "var q = from i in Enumerable.Range(0, 9) where «i > 1» orderby «i» select «-i»;"
    )]
    [InlineData(
        "var q = new long[1].Select(b.Q); Func<long, int> f = b.Q; var r = new int[1].Select(f); var s = new[] { 1 }.Select(G);",
        "var q = new long[1].Select(¢<long, int>(b.Q»); Func<long, int> f = b.Q; var r = new int[1].Select(f); var s = new[] { 1 "
            + "}.Select(G);"
    )]
    [InlineData(
        "await e(); int a = await e(); if (x) { await e(); } Console.Write(await e() + 1);",
        "await e();† int a = ‡await e()»; if (x) { await e();† } Console.Write(‡await e()» + 1);"
    )]
    [InlineData("Task.Run(() => Environment.Exit(3));", "Task.Run(() => {^ §(3); });")]
    public void Each_round_and_each_function_gets_one_and_lines_stay(string cell, string expected) =>
        Assert.Equal(Written(expected), Inserted(cell));

    // `*` and `%` stand for what marks a function that does little but call itself, and its copies: the function without its
    // checkpoint. Where all calls are the last thing that is done, the copies go around.
    [Theory]
    [InlineData(
        "int F(int n) => n < 2 ? n : 1 + F(n - 1);",
        "*int F(int n) { if (n < 2 ) return  n ;^ return  1 + __F_1(n - 1); }"
            + " %int __F_1(int n) { if (n < 2 ) return  n ; return  1 + __F_2(n - 1); }"
            + " %int __F_2(int n) { if (n < 2 ) return  n ; return  1 + __F_3(n - 1); }"
            + " %int __F_3(int n) { if (n < 2 ) return  n ; return  1 + F(n - 1); }"
    )]
    [InlineData(
        "int F(int n)\n{\n  if (n < 2)\n    return n;\n  while (H() > n) n++;\n  return F(n - 1);\n}\nF(1)",
        "int F(int n)\n{\n  if (n < 2)\n    return n;^\n  while (H() > n) {|n n++; }\n  return __F_1(n - 1);\n}\n#line 1\nint "
            + "__F_1(int n)\n{\n  if (n < 2)\n    return n;\n  while (H() > n) {|n n++; }\n  return __F_2(n - 1);\n}\n#line 1\n"
            + "int __F_2(int n)\n{\n  if (n < 2)\n    return n;\n  while (H() > n) {|n n++; }\n  return F(n - 1);\n}\n#line "
            + "7\n\nF(1)"
    )]
    [InlineData( // its errors are of two lines
        "int F(int n) {\n return n < 2 ? 1 / n : 1 + F(n - 1); }",
        "¹int F(int n) {\n^ return n < 2 ? 1 / n : 1 + __F_1(n - 1); }\n#line 1\n"
            + "int __F_1(int n) {\n return n < 2 ? 1 / n : 1 + __F_2(n - 1); }\n#line 1\n"
            + "int __F_2(int n) {\n return n < 2 ? 1 / n : 1 + __F_3(n - 1); }\n#line 1\n"
            + "int __F_3(int n) {\n return n < 2 ? 1 / n : 1 + F(n - 1); }\n#line 2\n"
    )]
    [InlineData("object F(int n) => n < 2 ? 1 : G(2.5);", "object F(int n) {^ return n < 2 ? 1 : G(2.5); }")]
    public void The_last_of_many_calls_pays_nothing_and_of_the_others_one_in_a_few(string cell, string expected) =>
        Assert.Equal(Written(expected), Plain(Inserted(cell)));

    // 40, 21 and 43 bodies in one function; seven calls and two copies were 57.
    [Theory]
    [InlineData(3, 3)]
    [InlineData(4, 2)]
    [InlineData(6, 2)]
    [InlineData(7, 1)]
    public void A_function_of_many_calls_of_itself_has_fewer_copies(int calls, int copies)
    {
        string sum = string.Join(" + ", Enumerable.Range(1, calls).Select(less => $"F(n - {less})"));
        string inserted = Plain(Inserted($"int F(int n) => n < 2 ? n : {sum};"));
        Assert.Contains($"int __F_{copies}(", inserted, StringComparison.Ordinal);
        Assert.DoesNotContain($"int __F_{copies + 1}(", inserted, StringComparison.Ordinal);
    }

    // Dozens of copies in a frame take little of the stack only where each of its values is small.
    [Theory]
    [InlineData("long F(long n) => n < 2 ? n : 1 + F(n - 1);", true)]
    [InlineData("decimal F(int n) => n < 2 ? n : 1 + F(n - 1);", false)]
    [InlineData("long? F(long? n) => n < 2 ? n : 1 + F(n - 1);", false)]
    [InlineData("(int, int) P; int F((int, int) n) => n.Item1 < 2 ? 1 : 1 + F(P);", false)]
    [InlineData("int F(int n) => n < 1 ? 1 : 1 + G(n - 1); int G(decimal n) => n < 1 ? 1 : 1 + F((int)n);", false)]
    public void A_function_of_small_values_holds_its_copies(string cell, bool holds)
    {
        string inserted = Inserted(cell);
        Assert.Equal(holds, inserted.Contains(CheckpointInsertion.Inlined, StringComparison.Ordinal));
        Assert.Contains(holds ? CheckpointInsertion.Optimized : CheckpointInsertion.Alone, inserted, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("double F(double x) { y(); return x; }", "double F(double x) {^@x y(); return x; }")]
    [InlineData("double F(float @double, int n, double b) => H() + @double + b;", "^(@double, @b)")]
    [InlineData("Func<double, double> f = x => H() + x;", "x => {^@x return H() + x; }")]
    [InlineData("Func<double, double, double> f = (_, _) => { _ = G(1); return 2; };", "{^ _ = G(1); return 2; }")]
    [InlineData("Func<double, double> f = _ => H() + _;", "{^@_ return H() + _; }")]
    [InlineData(
        "class P { double v; double this[double i] { get { G(1); return i; } set { G(2); v = value + i; } } }",
        "^(@i, @value)"
    )]
    [InlineData("class P { public P(double a) { G(a); } }", "{^@a G(a); }")]
    [InlineData(
        "double F(in double a, ref double b, out double c, params double[] d) { c = H() + d[0]; return a + b; }",
        "{^ c = "
    )]
    [InlineData("double F(double a) { y(); return 1; }", "{^ y(); return 1; }")]
    [InlineData("double F(decimal a, double? b) => H() + (double)a + b.Value;", "{^ return")]
    [InlineData("async Task<double> F(double a) { y(); return a; }", " {^@a y(); return a; }")]
    [InlineData("async Task<double> F(double a) { await H(); return a; }", " { try {^@a await H();")]
    [InlineData("double F(double x) => x / 3;", "{| return x / 3; }")]
    public void A_check_hands_floating_point_parameters_through(string cell, string expected) =>
        Assert.Contains(Written(expected), Inserted(cell), StringComparison.Ordinal);

    [Theory]
    [InlineData(
        "int F(int n) { if (n < 2) return n; return F(n - 1); } // why",
        "int F(int n) { if (n < 2) return n;^ return __F_1(n - 1); }",
        "int __F_1(int n) {% if (n < 2) return n; return __F_2(n - 1); }",
        "int __F_12(int n) { if (n < 2) return n; return __F_1(n - 1); } // why"
    )]
    [InlineData(
        "bool F(int n) => n == 0 ∨ __F(n - 1); bool __F(int n) => n != 0 && F(n - 1);",
        "bool F(int n) {^ return n == 0 ∨ ____F_1(n - 1); }",
        "bool __F_1(int n) {% return n == 0 ∨ ____F_2(n - 1); }",
        "bool ____F_12(int n) { return n != 0 && __F_1(n - 1); }"
    )]
    [InlineData(
        "class P { public void F(int n) { if (n > 0) F(n - 1); else F(-n); } }",
        "class P { public void F(int n) {^ if (n > 0) __F_1(n - 1); else __F_1(-n); }",
        "private void __F_1(int n) {% if (n > 0) __F_2(n - 1); else __F_2(-n); }",
        "private void __F_12(int n) { if (n > 0) __F_1(n - 1); else __F_1(-n); } }"
    )]
    public void Of_a_recursion_that_is_a_loop_one_copy_looks(string cell, string begins, string looks, string ends)
    {
        looks = looks.Replace("{% ", $"{{ {CheckpointInsertion.CallApart[1..]} ", StringComparison.Ordinal);
        string inserted = Plain(Inserted(Written(cell)));
        Assert.StartsWith(Written(begins), inserted, StringComparison.Ordinal);
        Assert.Contains(Written(looks), inserted, StringComparison.Ordinal);
        Assert.EndsWith(Written(ends), inserted, StringComparison.Ordinal);
    }

    // One function of each cycle asks for room on the stack; the others look whether to stop.
    [Theory]
    [InlineData(
        "int F(int n) => n < 0 ? throw null : 1 + G(n); int G(int n) => 1 + F(n);",
        "int F(int n) {^ return n < 0 ? throw null : 1 + G(n); } int G(int n) {| return 1 + F(n); }"
    )]
    [InlineData(
        "void A() { B(); C(); } void B() { C(); } void C() { A(); B(); throw null; } void D() { A(); }",
        "void A() {^ B(); C(); } void B() {^ C(); } void C() {| A(); B(); throw null; } void D() {| A(); }"
    )]
    [InlineData(
        "class P { public static void M() { N(); throw null; } static void N() { M(); } }",
        "class P { public static void M() {^ N(); throw null; } static void N() {^ M(); } }"
    )]
    [InlineData(
        "void F(Action a) { a(); G(a); } void G(Action a) { F(a); }",
        "void F(Action a) {^ a(); G(a); } void G(Action a) {| F(a); }"
    )]
    [InlineData(
        "static void F(this int n) { G(n); } static void G(int n) { n.F(); }",
        "static void F(this int n) {^ G(n); } static void G(int n) {| n.F(); }"
    )]
    public void Of_functions_that_call_each_other_one_asks_for_room(string cell, string expected) =>
        Assert.Equal(Written(expected), Inserted(cell));

    // What ends in a moment or hands on needs none where only cells call it.
    [Theory]
    [InlineData(
        "abstract class S { public abstract double Area(); } class C : S { public override double Area() => 1; }",
        "abstract class S { public abstract double Area(); } class C : S { public override double Area() => 1; }"
    )]
    [InlineData(
        "interface I { int N { get; } } class C : I { int n; public int N { get { return n; } } }",
        "interface I { int N { get; } } class C : I { int n; public int N { get { return n; } } }"
    )]
    [InlineData(
        "interface V { int Leaf(L l); } class L { public virtual int Accept(V v) => v.Leaf(this); }",
        "interface V { int Leaf(L l); } class L { public virtual int Accept(V v) => v.Leaf(this); }"
    )]
    [InlineData( // it might hand back
        "interface V { int Leaf(L l); } class L : V { public virtual int Accept(V v) => v.Leaf(this); public int Leaf(L l) => "
            + "l.Accept(this); }",
        "interface V { int Leaf(L l); } class L : V { public virtual int Accept(V v) {^ return v.Leaf(this); } public int "
            + "Leaf(L l) {^ return l.Accept(this); } }"
    )]
    [InlineData( // it does more
        "interface V { int Leaf(L l); } class L { L l; public virtual int Accept(V v) => v.Leaf(l ?? this); }",
        "interface V { int Leaf(L l); } class L { L l; public virtual int Accept(V v) {^ return v.Leaf(l ?? this); } }"
    )]
    [InlineData( // a later cell may call back from there
        "class L { public virtual int Accept(object o) => o.GetHashCode(); }",
        "class L { public virtual int Accept(object o) {^ return o.GetHashCode(); } }"
    )]
    [InlineData( // libraries call it
        "class C : IComparer<int> { public int Compare(int a, int b) => a - b; public override int GetHashCode() => 1; }",
        "class C : IComparer<int> { public int Compare(int a, int b) {| return a - b; } public override int GetHashCode() "
            + "{| return 1; } }"
    )]
    [InlineData( // they may wait for it
        "class C { public virtual bool IsReady() => false; }",
        "class C { public virtual bool IsReady() {| return false; } }"
    )]
    [InlineData(
        "class C { public virtual int F(int n) => n; } Func<int, int> f = new C().F;",
        "class C { public virtual int F(int n) {| return n; } } Func<int, int> f = new C().F;"
    )]
    public void A_member_of_a_hierarchy_that_ends_in_a_moment_has_none(string cell, string expected) =>
        Assert.Equal(Written(expected), Inserted(cell));

    [Fact]
    public void A_loop_of_few_rounds_in_a_recursion_runs_as_it_was_written()
    {
        const string Loop = "for (int r = 0; r < n; r++) if (at[r] == n) break;";
        Assert.Contains(
            $"if (unchecked((long)(n) - (0) <= 1024)) {{ {Loop} }} else {{ for (",
            Inserted($"int F(int n, int[] at) {{ {Loop} return n == 0 ? 0 : F(n - 1, at) + H(); }}"),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("else", Inserted($"void F(int n, int[] at) {{ {Loop} }}"), StringComparison.Ordinal);
    }

    // Others may override it, stand for it, or have its name; in a copy its functions would be others, and its name another.
    [Theory]
    [InlineData("class P { public virtual int F(int n) => n < 2 ? n : F(n - 1); }")]
    [InlineData("class P { public int F(int n) => n < 2 ? n : F(\"\"); public int F(string n) => 1; }")]
    [InlineData("int F(int n) { int G() => 1; return n < 2 ? G() : F(n - 1); }")]
    [InlineData("async Task<int> F(int n) => n < 2 ? n : await F(n - 1);")]
    [InlineData("IEnumerable<int> F(int n) { yield return n; foreach (int i in F(n - 1)) yield return i; }")]
    [InlineData("interface P { int F(int n) => n < 2 ? n : F(n - 1); }")]
    [InlineData("int F(int n) => n < 2 ? new[] { 1 }.Sum(i => i) : F(n - 1);")]
    [InlineData("int F(int n) { Span<int> all = stackalloc int[9]; return n < 2 ? all[1] : F(n - 1); }")]
    [InlineData(
        "void By([System.Runtime.CompilerServices.CallerMemberName] string name = \"\") { } void F(int n) { By(); F(n - 1); }"
    )]
    [InlineData("interface P { static int F(int n) => n < 2 ? n : 1 + F(n - 1); }")]
    [InlineData("string F(int n) => n == 0 ? System.Reflection.MethodBase.GetCurrentMethod().Name : F(n - 1);")]
    [InlineData("int F(int n) => n < 2 ? n : 1 + F(n - 1); try { F(3); } catch (Exception e) { Console.Write(e.StackTrace); }")]
    [InlineData(
        "class P { int F(int n) => 1 + F(n - 1); } typeof(P).GetMethods(System.Reflection.BindingFlags.NonPublic | "
            + "System.Reflection.BindingFlags.Instance).Length"
    )]
    [InlineData("[System.Runtime.CompilerServices.InlineArray(99)] struct B { int a; } int F(B b, int n) => 1 + F(b, n);")]
    [InlineData("unsafe struct B { fixed byte a[99]; } int F((int, B?) b, int n) => 1 + F(b, n);")]
    public void Other_recursive_functions_have_no_twin(string cell) =>
        Assert.DoesNotContain("__F_", Plain(Inserted(cell)), StringComparison.Ordinal);

    [Theory]
    [InlineData("long F(int n) => n < 2 ? n : F(n - 1) + F(n - 2);", "F(25)", "75025")]
    [InlineData("int A(int m, int n) => m == 0 ? n + 1 : n == 0 ? A(m - 1, 1) : A(m - 1, A(m, n - 1));", "A(2, 300)", "603")]
    [InlineData(
        "string H<T>(int n, T v) { if (n == 0) return $\"{v}\"; return H(n - 1, v) + H<T>(n - 1, v); }",
        "H(3, 'x')",
        "xxxxxxxx"
    )]
    [InlineData("class P { public static int G(int a, int b = 0) => a == 0 ? b : G(a - 1, b + a); }", "P.G(100)", "5050")]
    [InlineData(
        "void Fill(int[] a, ref int n) { if (n == a.Length) return; a[n] = n; n++; Fill(a, ref n); }",
        "int k = 0; var f = new int[50]; Fill(f, ref k); f[49] + k",
        "99"
    )]
    [InlineData("int F(int n) { for (int i = 0; i < n; i++) F(i); return n; }", "F(5)", "5")]
    [InlineData(
        "bool E(int n) => n == 0 || O(n - 1); bool O(int n) => n != 0 && E(n - 1);",
        "(E(100_000), O(999), E(98), O(98))",
        "( True, True, True, False )"
    )]
    [InlineData(
        "int S(int n, int s = 0) { if (n-- == 0) return s; return S(n, s: s + n); }",
        "(S(1_000), S(96), S(97))",
        "( 499500, 4560, 4656 )"
    )]
    [InlineData(
        "class P { int s; public int F(int n) { G(n); return s; } void G(int n) { if (n == 0) return; s += n; G(n - 1); } }",
        "new P().F(500)",
        "125250"
    )]
    [InlineData(
        "bool E(int E) => E == 0 || O(E - 1); bool O(int n) => n != 0 && E(n - 1);",
        "(E(1_000), E(7))",
        "( True, False )"
    )]
    [InlineData("int F(int n) { int m = n - 1; return n == 0 ? 5 : F(m); }", "F(1_000)", "5")]
    [InlineData(
        "int F(int n, dynamic d) => n == 0 ? 0 : F(n - 1, (object)null); int F(int n, string s) => 7;",
        "F(1_000, (object)null)",
        "0"
    )]
    public async Task A_recursion_gives_what_was_written(string function, string call, string result) =>
        Assert.Equal(result, await Workspace.LastText(function, call));

    [Fact]
    public async Task An_error_in_a_recursion_names_the_line_that_was_written()
    {
        CellError error = await Workspace.LastError(
            "int F(int n)\n{\n  if (n > 90) return 1;\n  return 6 / (n % 7)\n    + F(n + 1);\n}\nF(1)"
        );
        Assert.EndsWith("line 4", error.Location, StringComparison.Ordinal);
        error = await Workspace.LastError("int F(int n)\n{\n  return n < 2 ? n : F(n - 1);\n}\nint zero = 0;\n1 / zero");
        Assert.EndsWith("line 6", error.Location, StringComparison.Ordinal);
        error = await Workspace.LastError(
            "int zero = 0;\nint A(int n) => n == 0 ? 1 / zero : 1 + B(n - 1);\nint B(int n) => 1 + A(n - 1);\nA(8)"
        );
        Assert.EndsWith("line 2", error.Location, StringComparison.Ordinal);
    }

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
    [InlineData("int s = 0; for (int i = -9; i < 9; i++) s += i;", true)]
    [InlineData("int s = 0; for (int i = int.MinValue; i < 0; i++) s += i;", false)]
    [InlineData("int s = 0, n = 9; for (int i = n; i < 99; i++) s += i;", false)]
    [InlineData("var s = System.Numerics.BigInteger.One; for (int i = 0; i < 99_999; i++) s *= 3;", false)]
    [InlineData("string s = \"\"; for (int i = 0; i < 999_999; i++) s += 'x';", false)]
    [InlineData("Uri u = null; foreach (int i in new int[9]) { var s = u.Host; }", false)]
    public void A_short_loop_is_left_as_it_is(string cell, bool isShort) => Assert.Equal(isShort, Inserted(cell) == cell);

    // `#` stands for the inner loop's count, `@` for the end of both, `|(i, s)` for what looks and hands variables through.
    [Theory]
    [InlineData("int n = 9; for (; ;) n++;", "int n = 9; for (; ;) {| for (int # = 1024; # > 0; #--) n++; }")]
    [InlineData("int n = 9; while (n-- > 0) ;", "int n = 9; while (n-- > 0) {| ; }")]
    [InlineData("object o = 1; while (o is int n) ;", "object o = 1; while (o is int n) {| ; }")]
    [InlineData(
        "var n = System.Numerics.BigInteger.One; while (true) n += 3;",
        "var n = System.Numerics.BigInteger.One; while (true) {| n += 3; }"
    )]
    [InlineData(
        "double F(int n) { double s = n; for (int i = 0; H() > i; i++) s += H(); return s; }",
        "double F(int n) {^ double s = n; for (int i = 0; H() > i; i++) {|(i, s) s += H(); } return s; }"
    )]
    public void A_loop_of_cheap_rounds_looks_once_in_many(string cell, string expected) =>
        Assert.Equal(
            Written(expected).Replace("#", "__rounds", StringComparison.Ordinal).Replace("@", "__end", StringComparison.Ordinal),
            Plain(Inserted(cell))
        );

    // A copy of what was written, which holds no call, makes the first rounds; `break` leaves both.
    [Theory]
    [InlineData(
        "double F(double v) { double x = v, y = 0; while (x != y) { y = x; x = v / x; } return x; }",
        "double F(double v) {| double x = v, y = 0; { int __left = 1024; while (x != y) { if ((__left -= 2) < 0) goto __more; { y = "
            + "x; x = v / x; } if (!(x != y)) break; { y = x; x = v / x; } } goto __end; __more: for (; x != y;) {|(x, y) for "
            + "(int __rounds = 1024; __rounds > 0 && (x != y); __rounds--) { y = x; x = v / x; } } __end: ; } return x; }"
    )]
    [InlineData(
        "class P { int n = 9; void M() {\n while (n != 5)\n  if (n < 7) break; else\n  n--; } }",
        "class P { int n = 9; void M() {\n| { int __left = 1024;\n#line 2\nwhile (n != 5)\n  { if ((__left -= 2) < 0) goto __more; { "
            + "if (n < 7) break; else\n  n--; }\n#line 2\nif (!(n != 5)) break;\n#line 3\n{ if (n < 7) break; else\n  n--; } "
            + "}\n#line 2\ngoto __end; __more: for (; n != 5;) {| for (int __rounds = 1024; __rounds > 0 "
            + "&& (n != 5); __rounds--)\n  if (n < 7) goto __end; else\n  n--; } __end: ; } } }"
    )]
    [InlineData(
        "int n = 9; while (n != 5)\n#if X\n{\n#endif\n n--;",
        "int n = 9; for (; n != 5;) {| for (int __rounds = 1024; __rounds > 0 && (n != 5); __rounds--)\n#if X\n{\n#endif\n n--; }"
    )]
    public void A_while_loop_of_cheap_rounds_begins_as_it_was_written(string cell, string expected) =>
        Assert.Equal(Written(expected), Plain(Inserted(cell)));

    // `#` stands for how far a count goes before it looks, `∨` and `×` for "or" and "times".
    [Theory]
    [InlineData(
        "int n = 9; for (int i = 0; i < n; i++) if (i == 3) break;",
        "int n = 9; { for (int i = 0; i < n; ) { int # = unchecked((int)((long)(n))); if (((long)(n)) - i > "
            + "1024) {|i # = i + 1024; } "
            + "for (; i < #; i++) if (i == 3) goto @; } @: ; }"
    )]
    [InlineData(
        "int n = 9, i = 9; while (i >= n) { i--; }",
        "int n = 9, i = 9; while (i >= n) { int # = unchecked((int)(unchecked((long)(n) - 1))); if (i - "
            + "(unchecked((long)(n) - 1)) > 1024) "
            + "{| # = i - 1024; } do {  { i--; }  } while (i > #); }"
    )]
    [InlineData(
        "long n = 9; for (long i = 0; i <= n; i++) { if (i == 3) continue; }",
        "long n = 9; for (long i = 0; i <= n; ) { long # = unchecked((long)(unchecked((long)(n) + 1))); "
            + "if (unchecked((ulong)((unchecked((long)(n) + 1)) - i)) > 1024) {|i # = i + 1024; } "
            + "do {  { if (i == 3) goto __next; } __next: i++; } while (i < #); }"
    )]
    [InlineData(
        "int n = 9, d = 2; for (int i = 0; i < n; i += d) ;",
        "int n = 9, d = 2; for (int i = 0; i < n; ) { int # = unchecked((int)((long)(n))); if (d <= 0 ∨ "
            + "((long)(n)) + d > int.MaxValue) "
            + "{|i # = int.MinValue; } else if (((long)(n)) - i > 1024L × d) {|i # = unchecked(i + 1024 × d); } do "
            + "{  ; i += d; } while (i < #); }"
    )]
    [InlineData(
        "int n = 9; for (int i = 0; i < n; i++) for (int j = 5; j != i; j--) ;",
        "int n = 9; for (int i = 0; i < n; ) { int # = unchecked((int)((long)(n))); if (((long)(n)) - i > 64) "
            + "{|i # = i + 64; } for (; i < #; i++) "
            + "for (int j = 5; j != i;) {|j for (int __rounds = 1024; __rounds > 0 && (j != i); __rounds--, j--) ; } }"
    )]
    public void A_loop_that_counts_goes_in_stretches(string cell, string expected) =>
        Assert.Equal(
            Written(expected).Replace("#", "__limit", StringComparison.Ordinal).Replace("@", "__end", StringComparison.Ordinal),
            Plain(Inserted(cell))
        );

    [Fact]
    public async Task A_variable_may_be_named_by_a_keyword()
    {
        const string Cell = "int F(int @for) { int @in = 0; for (int @if = 0; @if < 3000; @if += @for) @in += @if; return @in; }";
        Assert.Contains("(@if, @in) = ", Inserted(Cell), StringComparison.Ordinal);
        Assert.Equal("2248500", await Workspace.LastText(Cell, "F(2)"));
    }

    // Loops in a loop whose rounds are few begin with what tells so.
    [Theory]
    [InlineData(
        "for (int i = 0; i < n; i++) for (int j = n; j > 3; j--) m++;",
        "(long)(n) - (0) <= 64 && (n) - (long)(3) <= 1024"
    )]
    [InlineData(
        "for (int i = m; i < n; ++i) { for (int j = -1; j < m + 2; j += 1) { if (j == k) break; } for (int j = 0; j < k; j++); }",
        "(long)(n) - (m) <= 64 && (long)(m + 2) - (-1) <= 1024 && (long)(k) - (0) <= 1024"
    )]
    [InlineData("for (int i = 0; i < n; i++) for (int j = i; j < m; j++) ;", null)]
    [InlineData("for (int i = 0; i < n; i++) { int p = n * i; for (int j = 0; j < p; j++) ; }", null)]
    [InlineData("for (int i = 0; i < n; i++) { for (int j = 0; j < m; j++) ; m = k; }", null)]
    [InlineData("for (int i = 0; i < n; i++) for (int j = k = 3; j < m; j++) ;", null)]
    [InlineData("for (int i = 0; i < n; i++) for (int j = 0; j < all.Length; j++) ;", null)]
    [InlineData("for (int i = 0; i < n; i++) for (int j = 0; j < m / k; j++) ;", null)]
    [InlineData("for (int i = 0; i < n; i++) for (int j = 0; j <= m; j++) ;", null)]
    [InlineData("for (int i = 0; i < n; i += 2) for (int j = 0; j < m; j++) ;", null)]
    [InlineData("for (long i = 0; i < n; i++) for (int j = 0; j < m; j++) ;", null)]
    [InlineData("for (int i = 0; i < n; i++) { for (int j = 0; j < m; j++) ; while (k != 0) k--; }", null)]
    [InlineData("for (int i = 0; i < n; i++) m++;", null)]
    public void Loops_in_a_loop_that_end_in_a_moment_run_as_they_were_written(string loop, string? isShort)
    {
        string inserted = Inserted($"void F(int n, int m, int k, int[] all) {{ {loop} }}");
        if (isShort is null)
        {
            Assert.DoesNotContain("<= 1024", inserted, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains($"if (unchecked({isShort})) {{ {loop} }} else for (", inserted, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("for (int i = 2; i < n; i++) for (int j = 2 * i; j < n; j += i) m++;", "(long)(n) <= 1000000")]
    [InlineData(
        "for (int i = 2; i < all.Length; i++) for (int j = i * 3; j < all.Length; j += i) m++;",
        "(long)(all.Length) <= 1000000"
    )]
    [InlineData(
        "for (int i = 1; i <= n; i++) for (int j = 2 * i; j < m; j += i) k++;",
        "unchecked((long)(n) + 1) <= 1000000 && (long)(m) <= 1000000"
    )]
    [InlineData("for (int i = 0; i < n; i++) for (int j = 2 * i; j < n; j += i) m++;", null)]
    [InlineData("for (int i = m; i < n; i++) for (int j = 2 * i; j < n; j += i) m++;", null)]
    [InlineData("for (int i = 2; i < n; i++) for (int j = i * i; j < n; j += i) m++;", null)]
    [InlineData("for (int i = 2; i < n; i++) for (int j = -2 * i; j < n; j += i) m++;", null)]
    [InlineData("for (int i = 2; i < n; i++) for (int j = 2 * i; j < n; j += k) m++;", null)]
    [InlineData("for (int i = 2; i < n; i++) for (int j = 2 * i; j < all.Length; j += i) m++;", null)]
    [InlineData("for (int i = 2; i < n; i++) { for (int j = 2 * i; j < m; j += i) ; m++; }", null)]
    [InlineData("for (int i = 2; i < n; i++) { for (int j = 2 * i; j < n; j += i) ; while (m > 0) m--; }", null)]
    [InlineData(
        "for (int i = 2; i < n; i++) for (int j = 2 * i; j < n; j += i) m += (int)(Math.Pow(j, 1.1) + Math.Pow(j, 1.2) + "
            + "Math.Pow(j, 1.3) + Math.Pow(j, 1.4) + Math.Pow(j, 1.5) + Math.Pow(j, 1.6) + Math.Pow(j, 1.7) + Math.Pow(j, 1.8) + "
            + "Math.Pow(j, 1.9) + Math.Pow(j, 2.1) + Math.Pow(j, 2.2));",
        null
    )]
    public void A_sieve_of_few_numbers_runs_as_it_was_written(string loop, string? isShort)
    {
        string inserted = Inserted($"void F(int n, int m, int k, int[] all) {{ {loop} }}");
        if (isShort is null)
        {
            Assert.DoesNotContain("<= 1000000", inserted, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains($"if (unchecked({isShort})) {{ {loop} }} else for (", inserted, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0, 64, 1024, 0)]
    [InlineData(0, 65, 1024, 0)]
    [InlineData(0, 64, 1025, 0)]
    [InlineData(0, 3, 2, 2)]
    [InlineData(3, 0, 9, 0)]
    [InlineData(-70, 0, -3, -9)]
    [InlineData(int.MinValue, int.MaxValue, 4, 0)]
    [InlineData(0, 4, int.MaxValue, int.MinValue)]
    [InlineData(int.MaxValue - 3, int.MaxValue, int.MinValue + 3, int.MinValue)]
    public async Task Loops_in_a_loop_make_the_rounds_that_were_written(int a, int b, int c, int d)
    {
        const string Function = """
            string Nested(int a, int b, int c, int d)
            {
                long s = 0;
                if (a < 9)
                    for (int i = a; i < b; i++)
                    {
                        if (i % 7 == 6) continue;
                        if (s > 100_000) break;
                        for (int j = c; j > d; j--)
                            if (j % 5 == 3) { if (s > 70_000) break; s += j & 15; } else if (j % 5 == 1) continue; else s++;
                    }
                else s = 5;
                return $"{s}";
            }
            """;
        Assert.Contains("if (unchecked(", Inserted(Function), StringComparison.Ordinal);
        long s = 0;
        for (int i = a; i < b && s <= 100_000 && a < 9; i++)
        {
            for (int j = c; j > d && i % 7 != 6; j--)
            {
                if (j % 5 == 3 && s > 70_000)
                {
                    break;
                }

                s +=
                    j % 5 == 3 ? j & 15
                    : j % 5 == 1 ? 0
                    : 1;
            }
        }

        Assert.Equal($"{(a < 9 ? s : 5)}", await Workspace.LastText(Function, $"Nested({a}, {b}, {c}, {d})"));
    }

    // Where the end moves, each round asks what was written.
    [Theory]
    [InlineData("int n = 9; for (int i = 0; i < n; i++) n--;")]
    [InlineData("int n = 9; for (int i = 0; i < n; i++) (_, (n, _)) = (1, (2, 3));")]
    [InlineData("int n = 9; for (int i = 0; i < n; i++) i--;")]
    [InlineData("int n = 9; for (int i = 0; i < n; i--) ;")]
    [InlineData("int n = 9, j = 0; for (int i = 0; i < n; j++) ;")]
    [InlineData("int n = 9; for (int i = 0; i < n; i += 0) ;")]
    [InlineData("int n = 9, d = 1; for (int i = 0; i < n; i += d) d--;")]
    [InlineData("int n = 9; for (uint i = 0; i < n; i++) ;")]
    [InlineData("int n = 9; for (double i = 0; i < n; i++) ;")]
    [InlineData("int n = 9, i = 0; while (i < n) { if (n > 3) i++; }")]
    [InlineData("int n = 9, i = 0; while (i < n) { if (n > 3) continue; i++; }")]
    [InlineData("int n = 9, i = 0; while (i < n) { i++; i++; }")]
    [InlineData("int n = 9, i = 0; while (i < n) { i++; n++; }")]
    [InlineData("int[] n = { 9 }; for (int i = 0; i < n[0]; i++) n[0]--;")]
    [InlineData("int[] n = { 9 }; for (int i = 0; i < n.Length - 1; i++) n = null;")]
    [InlineData("class P { public int N; } var p = new P(); var q = p; for (int i = 0; i < p.N; i++) q.N--;")]
    [InlineData("void F(ref int n) { int m = 0; for (int i = 0; i < n; i++) m++; }")]
    [InlineData("void F(ref int i) { int m = 0; while (i < 9) { i++; } }")]
    [InlineData("void F(int n) { ref int m = ref n; for (int i = 0; i < n; i++) m--; }")]
    public void A_loop_whose_end_may_move_is_not_counted(string cell) =>
        Assert.DoesNotContain("__limit", Inserted(cell), StringComparison.Ordinal);

    // A count that wraps around goes on for ever as it was written: here it is left after some rounds.
    [Theory]
    [InlineData("for (int i = a; i < b; i++)", "int.MaxValue - 3000, int.MaxValue", 3000)]
    [InlineData("for (int i = a; i < b; i++)", "int.MinValue, int.MinValue + 2048", 2048)]
    [InlineData("for (int i = a; i < b; i++)", "int.MaxValue, int.MinValue", 0)]
    [InlineData("for (int i = 2147483640; i + 7 < b; i++)", "0, int.MaxValue", 0)]
    [InlineData("for (int i = 2147480000; i + 7 < b; i++)", "0, int.MaxValue", 3640)]
    [InlineData("for (int i = a; i + 1 < b; i++)", "int.MaxValue, int.MaxValue", 5001)]
    [InlineData("for (int i = a; i <= b; i++)", "int.MaxValue - 2000, int.MaxValue - 1", 2000)]
    [InlineData("for (int i = a; i <= b; i++)", "int.MaxValue - 2000, int.MaxValue", 5001)]
    [InlineData("for (int i = a; i >= b; i--)", "int.MinValue + 2000, int.MinValue", 5001)]
    [InlineData("for (int i = a; i > b; i--)", "int.MinValue + 2000, int.MinValue", 2000)]
    [InlineData("for (int i = a; i < b; i += 7)", "int.MaxValue - 10000, int.MaxValue - 7", 1428)]
    [InlineData("for (int i = a; i < b; i += 7)", "int.MaxValue - 10000, int.MaxValue", 5001)]
    [InlineData("for (int i = a; i > b; i -= 7)", "int.MinValue + 10000, int.MinValue + 7", 1428)]
    [InlineData("for (int i = 0, d = a; i < b; i += d)", "0, 9", 5001)]
    [InlineData("for (int i = 0, d = a; i < b; i += d)", "-3, 9", 5001)]
    [InlineData("for (int i = 0, d = a; i < b; i += d)", "3, 4000", 1334)]
    [InlineData("for (int i = int.MinValue, d = a; i < b; i += d)", "1073741824, 0", 2)]
    [InlineData("for (long i = a; i < b; i++)", "int.MinValue, int.MinValue + 3000", 3000)]
    [InlineData("for (long i = long.MaxValue - 2000; i <= long.MaxValue - a; i++)", "0, 1", 5001)]
    [InlineData("for (long i = long.MaxValue - 2000; i < long.MaxValue - a; i++)", "0, 1", 2000)]
    [InlineData("for (long i = long.MinValue + 2000; i > long.MinValue + a; i--)", "0, 1", 2000)]
    [InlineData("for (long i = long.MinValue + 2000; i >= long.MinValue + a; i--)", "0, 1", 5001)]
    public async Task A_count_ends_where_it_should_at_the_ends_of_its_type(string loop, string numbers, int rounds)
    {
        string count = $"int Count(int a, int b) {{ int s = 0; {loop} {{ s++; if (s > 5000) break; }} return s; }}";
        Assert.Contains("__limit", Inserted(count), StringComparison.Ordinal);
        Assert.Equal($"{rounds}", await Workspace.LastText(count, $"Count({numbers})"));
    }

    /// <summary>Around the number of rounds that a loop makes at once.</summary>
    public static TheoryData<int> Rounds => [0, 1, 1023, 1024, 1025, 5000];

    // Values that a loop leaves behind, also by break, continue and return.
    [Theory]
    [MemberData(nameof(Rounds))]
    public async Task A_loop_makes_as_many_rounds_as_were_written(int rounds)
    {
        string cell = $$"""
            int n = {{rounds}};
            int ups = 0; for (int i = 0; i < n; i++) { if (i < 0) continue; ups++; }
            int before = 0; for (int i = 0; i < n; i++) { if (i + 1 == n) break; before++; }
            int pairs = 0; for (int i = 0; i + 1 < n; i++) pairs++;
            int odd = 0; for (int i = 0; i <= n; i++) { if (i % 2 == 0) continue; odd++; }
            int thirds = 0; for (int i = n; i > 0; i -= 3) { thirds++; }
            int halves = 0, h = 0; while (h < n) { h += 2; halves++; if (halves < 0) break; }
            double Half()
            {
                double s = 0; float t = 1;
                for (int i = 0; i < n; i++) { for (int j = 1; j <= 2; j++) s += 0.25; t = -t; }
                return s * t;
            }
            int downs = 0, left = n; while (left > 0) { left--; if (left % 2 == 0) continue; downs++; }
            int at = -1; for (int i = 0; ; i++) { if (i == n) { at = i; break; } }
            int kinds = 0; for (int i = n; i >= 1; i--) switch (i % 3) { case 0: kinds++; break; default: break; }
            int First() { int i = 0; while (true) { if (i * i >= n) return i; i++; } }
            int Assigned() { int x; for (;;) { x = n; break; } return x; }
            if (n > 1) for (int i = 0; i <= n; i += n) { if (i > 0) break; } else at += 0;
            string more = FormattableString.Invariant($"{odd} {thirds} {halves} {Half()}");
            FormattableString.Invariant($"{ups} {before} {pairs} {downs} {left} {at} {kinds} {First()} {Assigned()} {more}")
            """;
        Assert.Equal(
            $"{rounds} {Math.Max(rounds - 1, 0)} {Math.Max(rounds - 1, 0)} {rounds / 2} 0 {rounds} {rounds / 3} "
                + $"{(int)Math.Ceiling(Math.Sqrt(rounds))} {rounds} {(rounds + 1) / 2} {(rounds + 2) / 3} {(rounds + 1) / 2} "
                + FormattableString.Invariant($"{(rounds % 2 == 0 ? rounds / 2.0 : -rounds / 2.0)}"),
            await Workspace.LastText(cell)
        );
    }

    // In the copy that makes the first rounds, and in the loop that goes on.
    [Theory]
    [MemberData(nameof(Rounds))]
    public async Task A_while_loop_makes_as_many_rounds_as_were_written(int rounds)
    {
        string cell = $$"""
            int n = {{rounds}};
            int all = 0, k = n; while (k != 0) { k--; all++; }
            int at = 0; while (at != -1)
            {
                if (at == n) break;
                at++;
            }
            int even = 0, c = 0; while (c != n) { c++; if (c % 2 == 1) continue; even++; }
            int Assigned() { int i = 0, x; while (true) { x = i + 7; if (i == n) break; i++; } return x; }
            int Returned() { int i = 0; while (true) { if (i == n) return i; i++; } }
            int kinds = 0, s = 0; while (s != n) { s++; switch (s % 3) { case 0: kinds++; break; case 1: continue; default: break; } }
            long Pairs() { long r = 0; int i = n; while (i != 0) { i--; int j = i; while (j != 0) { r++; j--; } } return r; }
            double Half() { double x = 0; int i = n; while (i != 0) { x += 0.5; i--; } return x; }
            int down = n; if (n > 5) while (down != 5) down--; else down = 9;
            FormattableString.Invariant($"{all} {at} {even} {Assigned()} {Returned()} {kinds} {Pairs()} {Half()} {down}")
            """;
        Assert.Equal(
            FormattableString.Invariant(
                $"{rounds} {rounds} {rounds / 2} {rounds + 7} {rounds} {rounds / 3} {rounds * (rounds - 1L) / 2} {rounds / 2.0} "
            ) + $"{(rounds > 5 ? 5 : 9)}",
            await Workspace.LastText(cell)
        );
    }

    [Theory]
    [InlineData("int k = 0; while (k != 1) k = 0;")]
    [InlineData("while (true) { int k = 9; while (k != 0) k--; }")]
    [InlineData("for (int i = 0; i <= int.MaxValue; i++) { int k = 9; while (k != 0) { if (k == 3) break; k--; } }")]
    [InlineData("int n = int.MaxValue; for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) ;")]
    [InlineData("int n = 60, m = 1_000; while (true) for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) ;")]
    [InlineData("double x = 1; double Next(double v) => v + 1; while (x > 0) x = Next(x);")]
    [InlineData("int Same(int v) => v; for (int i = 0; i <= int.MaxValue; i++) Same(i);")]
    [InlineData("int Same(int v) => v; for (int i = 0; ; i++) { if (i != 1) continue; Same(i); }")]
    [InlineData("int Same(int v) => v; while (true) { if (Same(2) == 2) continue; Same(3); }")]
    [InlineData("int F(int n) { if (n == 0) return 1; for (; ;) F(0); } F(1);")]
    [InlineData(
        "for (; ;) new C().F();",
        "abstract class S { public abstract int F(); } class C : S { public override int F() => 1; }"
    )]
    [InlineData(
        "Enumerable.InfiniteSequence(1L, 0L).Select(new C().F).Max();",
        "class C { public virtual long F(long n) => n; }"
    )]
    [InlineData(
        "new C().LongCount();",
        "class C : IEnumerator<int>, IEnumerable<int> { public bool MoveNext() => true; public int Current => 1; public void "
            + "Reset() { } object System.Collections.IEnumerator.Current => 1; public void Dispose() { } public "
            + "IEnumerator<int> GetEnumerator() => this; System.Collections.IEnumerator "
            + "System.Collections.IEnumerable.GetEnumerator() => this; }"
    )]
    [InlineData(
        "new T().Accept(new A());",
        "interface V { int Fork(T t); } class T { public virtual int Accept(V v) => v.Fork(this); } class A : V { public int "
            + "Fork(T t) { for (; ;) { if (t is null) return 1; new T().Accept(new B()); } } } class B : V { public int Fork(T "
            + "t) => 1; }"
    )]
    [InlineData("switch (1) { case 1: goto case 2; case 2: goto case 1; }")]
    [InlineData("double F(double x, int n) => n == 0 ? x : F(x, n - 1) + F(x + 1, n - 1); F(1, 100);")]
    [InlineData("Func<double, float, double> f = null; f = (x, n) => n == 0 ? x : f(x, n - 1) + f(x + 1, n - 1); f(1, 100);")]
    [InlineData(
        "E e = new X(); for (int i = 0; i < 100; i++) e = new Add(e); e.Eval(1);",
        "abstract class E { public abstract double Eval(double x); } class X : E { public override double Eval(double x) => x; } "
            + "class Add(E a) : E { public override double Eval(double x) => a.Eval(x) + a.Eval(x + 1); }"
    )]
    public async Task A_loop_without_end_is_stopped(string loop, string types = "")
    {
        using var engine = new CSharpEngine(Path.GetTempPath());
        using var stop = new CancellationTokenSource();
        CancellationToken token = TestContext.Current.CancellationToken;
        var sink = new StartedSink();
        await engine.ExecuteAsync("bool ended = false;", "cell 1", sink, token);
        Task<ExecutionResult> running = engine.ExecuteAsync(
            $"{types} display(1); try {{ {loop} }} finally {{ ended = true; }}",
            "cell 2",
            sink,
            stop.Token
        );
        await sink.WaitUntilStarted(running);
        await Task.Delay(500, token);
        Assert.False(running.IsCompleted);
        await stop.CancelAsync();
        Assert.True((await running.WaitAsync(TimeSpan.FromSeconds(20), token)).Cancelled);
        Assert.Equal(true, (await engine.ExecuteAsync("ended", "cell 3", sink, token)).Value); // it was not left behind
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
    [InlineData("int F(int n) => F(n + 1); F(1)")]
    [InlineData("void F() { F(); } F()")]
    [InlineData("long? F(long? a, long? b) => F(a+b*a-b+a*b-a+a+b*a-b+a*b-a+a+b*a-b+a*b-a+a+b*a-b+a*b-a,b*a+b); F(1, 2)")]
    [InlineData(
        "[System.Runtime.CompilerServices.InlineArray(4_000)] struct B { long a; }\n"
            + "int F(B b, int n)\n  => n / n\n  + F(b, n + 1);\nF(default, 1)"
    )]
    [InlineData("bool E(int n) => n == 0 || O(n + 2); bool O(int n) => n != 0 && E(n + 2); E(1)")]
    [InlineData("int F(int n) { for (int i = 0; i < 2; i++) n += F(i); return n; } F(1)")]
    [InlineData("int F(int n) => 1 + G(n + 1); int G(int n) => 1 + H(n + 1); int H(int n) => 1 + F(n + 1); H(1)")]
    [InlineData("int A(int n) => 1 + B(n + 1); int B(int n) => n == 0 ? 0 : n % 2 == 0 ? 1 + A(n + 1) : 1 + B(n + 1); A(1)")]
    [InlineData(
        "class P { } int G(P p) { var (a, b) = p; return a + b; } static void Deconstruct(this P p, out int a, out int b) { (a, b) = p; } G(new P())"
    )]
    [InlineData("class P { public override string ToString() => \"\" + this; } new P().ToString()")]
    [InlineData("class P { public static implicit operator double(P p) { P q = p; return q; } } double d = new P(); d")]
    [InlineData("Func<int, int> f = null; f = n => 1 + f(n + 1); f(1)")]
    [InlineData("class P { public int A => B; public int B => A + 1; } new P().A")]
    [InlineData("class P { public int this[int i] => this[i + 1] + 1; } new P()[0]")]
    [InlineData("class P { public static P operator +(P a, P b) => b + a; } new P() + new P()")]
    [InlineData("class P { public override string ToString() => $\"{this}\"; } new P().ToString()")]
    [InlineData("class P { public P() { new P(); } } new P()")]
    [InlineData("class P { P next = new(); } new P()")]
    [InlineData("class P { Q Q { get; } = new Q(); } class Q { List<P> all = [new P()]; } new P()")]
    [InlineData("class P : IDisposable { public void Dispose() { using P p = this; } } new P().Dispose();")]
    [InlineData(
        "class P { public static bool operator true(P p) => p ? true : false; public static bool operator false(P p) => true; } if (new P()) ;"
    )]
    [InlineData("partial class P { public partial int A { get; } } partial class P { public partial int A => A; } new P().A")]
    [InlineData("class P : Earlier { public override int A => B; } new P().A")]
    [InlineData(
        "class P : Earlier { public override int A => 1; public override int D(Earlier e) => e.C(this); } var p = new P(); p.D(p)"
    )]
    [InlineData(
        "interface V { int Fork(T t); } class T { public virtual int Accept(V v) => v.Fork(this); } class A : V { public int "
            + "Fork(T t) => 1 + t.Accept(this); } new T().Accept(new A())"
    )]
    [InlineData(
        "interface I { int F(I i); int G(I i); } class P : I { public int F(I i) => i.G(this); public int G(I i) => i.F(this); } "
            + "var p = new P(); p.F(p)"
    )]
    [InlineData(
        "interface I { int F(int n); } class P : I { public int F(int n) => S(n, this); } static int S(int n, P p) => 1 + "
            + "p.F(n + 1); S(1, new P())"
    )]
    [InlineData(
        "interface I { int F(P p); } class P : I { public int F(P p) => p.G(p); int G(P p) => 1 + p.F(p); } new P().F(new P())"
    )]
    [InlineData(
        "class P : Earlier { public override int A => 1; public override int F(int i) => E[i]; } var p = new P(); p.E = p; p[1]"
    )]
    [InlineData( // `G` stands for a member of an interface that it does not know
        "interface I { int G(int i); } class P : Earlier, I { public I I; public override int A => 1; public override int F(int "
            + "i) => I.G(i); } var p = new P(); p.E = p; p.I = p; p.G(1)"
    )]
    [InlineData(
        "record P(int N) { public virtual bool Equals(P p) => this == p; public override int GetHashCode() => N; } new P(1) == "
            + "new P(2)"
    )]
    [InlineData(
        "record P(int N) { public virtual bool Equals(P p) => (this, N) == (p, 1); public override int GetHashCode() => N; } new "
            + "P(1) == new P(2)"
    )]
    [InlineData("class P { public virtual int A => ((dynamic)this).A; } new P().A")]
    [InlineData(
        "class P : IEnumerable { public IEnumerator GetEnumerator() => null; public virtual void Add(Q q) => q.All(); } class Q { "
            + "public virtual P All() => [this]; } new Q().All()"
    )]
    [InlineData("class Math { public static int F() => 1 + Math.F(); } Math.F()")]
    [InlineData("int nameof(int n) => 1 + nameof(n + 1); nameof(0)")]
    [InlineData(
        "int G() { Span<byte> s = stackalloc byte[150_000]; s[0] = 1; return s[5]; } int F(int n) => G() + F(n + 1); F(1)"
    )]
    [InlineData(
        "[System.Runtime.CompilerServices.InlineArray(99_000)] struct B { long a; } int F(int n) { B b = default; b[n & 9] = n; "
            + "return F(n + 1) + (int)b[5]; } F(1)"
    )]
    [InlineData("double F(double x) => 1 + F(x + 1); F(1)")]
    [InlineData("double F(double x, float y, int n) { if (n == 0) return x; return x + F(y, (float)x, n + 1) * y; } F(1, 2, 3)")]
    [InlineData("Func<double, double> f = null; f = x => 1 + f(x + 1); f(1)")]
    [InlineData(
        "class P { public double this[double i] { get => this[i + 1] + 1; set => this[i] = value + i; } } new P()[0] = 1;"
    )]
    [InlineData("class P { public static P operator *(P a, double x) => a * (x + 1); } new P() * 2")]
    [InlineData("class P { public P(double x) { new P(x + 1); } } new P(1)")]
    [InlineData(
        "abstract class E { public abstract double Eval(double x); } class Add(E a) : E { public E A = a; public override double "
            + "Eval(double x) => x + A.Eval(x) + A.Eval(x + 1); } var e = new Add(new Add(null)); ((Add)e.A).A = e; e.Eval(1)"
    )]
    [InlineData( // a frame of dozens of copies
        "await Task.Delay(1); long F(long a, long b, long c) => a == 0 ? 0 : F(a + 1, b * c + a, c - a * b) + F(a + 2, b * a - c, c "
            + "* a + b) * (a * b - c) + F(a + 3, a * b * c, a - b * c) * (a - b * c) + F(a + 4, a * c + b * b, b * c - a) * (a * a "
            + "- b * c) + F(a + 5, a * a, c * c - b) + F(a + 6, b * b - a, c * c * b) * (a * c - b * b * c); F(1, 2, 3)"
    )]
    [InlineData(
        "await Task.Delay(1); double F(double a, double b, double c) => 1 + a * G(a + b, b * c + a, c - a * b) + b * G(a * b, b, c); "
            + "double G(double a, double b, double c) => a * b + F(a + c, a - b * c, c) * (a - b * c) + F(b, a, c * a); F(1, 2, 3)"
    )]
    [InlineData(
        "await Task.Delay(1); decimal F(decimal a, decimal b) => a * b + F(a + b - a * b, a) + F(a - b, b) * F(a, b); F(1, 0)"
    )]
    [InlineData("async Task<int> F(int n) => 1 + await F(n + 1); await F(1)")]
    [InlineData("int F(int n) { try { return 1 + F(n + 1); } catch { throw; } } F(1)")]
    [InlineData("int F(int n) { try { return 1 + F(n + 1); } catch (Exception e) when (n > 0) { throw e; } } F(1)")]
    [InlineData("await Task.Yield(); int F(int n) { try { return 1 + F(n + 1); } catch { throw; } } F(1)")]
    [InlineData("record N(int V) { public N Next { get; set; } } var n = new N(1); n.Next = n; n.GetHashCode()")]
    [InlineData(
        "sealed record N { public N Next { get; set; } } N Ring() { var n = new N(); n.Next = n; return n; } Ring() == Ring()"
    )]
    [InlineData(
        "record N<T>(T V) { public object Next; } record M(int V) : N<int>(V); var n = new M(1); n.Next = n; new HashSet<M> { n }"
    )]
    [InlineData("record N(int V) { public (int, N) Next; } var n = new N(1); n.Next = (1, n); n.ToString()")]
    [InlineData(
        "int F(int n) => 1 + F(n + 1); Exception e = null; var t = new System.Threading.Thread(() => { try { F(1); } catch "
            + "(Exception x) { e = x; } }, 64 * 1024); t.Start(); t.Join(); throw e;"
    )]
    [InlineData("await Task.Delay(1); int F(int n) => 1 + F(n + 1); F(1)")]
    [InlineData("int r = 0; await Task.Run(() => { int F(int n) => 1 + F(n + 1); r = F(1); });")]
    [InlineData("int F(int n) => 1 + F(n + 1); await Task.WhenAll(Task.Run(() => F(1)), Task.Run(() => F(1)));")]
    public async Task A_recursion_without_end_is_an_error_and_no_end_of_the_process(string cell)
    {
        CellError error = await Workspace.LastError(
            "abstract class Earlier { public abstract int A { get; } public int B => A; public virtual int C(Earlier e) => "
                + "e.D(this); public virtual int D(Earlier e) => 1; public Earlier E; public virtual int this[int i] => E.F(i); "
                + "public virtual int F(int i) => 1; public virtual int G(int i) => E.F(i); }",
            cell
        );
        Assert.Equal(typeof(InsufficientExecutionStackException).FullName, error.Name);
        Assert.InRange(error.Traceback.Count, 2, 200);
    }

    [Fact]
    public async Task Many_functions_that_await_each_other_are_stopped()
    {
        using var engine = new CSharpEngine(Path.GetTempPath());
        using var stop = new CancellationTokenSource();
        CancellationToken token = TestContext.Current.CancellationToken;
        var sink = new StartedSink();
        Task<ExecutionResult> running = engine.ExecuteAsync(
            "long calls = 0; Func<Task<int>> f = null; f = async () => { if (++calls == 100_000) display(1); await Task.Yield(); "
                + "return await f(); }; await f()",
            "cell 1",
            sink,
            stop.Token
        );
        await sink.WaitUntilStarted(running);
        await stop.CancelAsync();
        ExecutionResult result = await running.WaitAsync(TimeSpan.FromSeconds(20), token);
        Assert.True(result.Cancelled);
        Assert.Null(result.Error); // it does not go on in the background
        Assert.Equal(3, (await engine.ExecuteAsync("1 + 2", "cell 2", sink, token)).Value);
    }

    [Fact]
    public async Task A_deep_recursion_may_stand_between_async_functions() =>
        Assert.Equal(
            "60005",
            await Workspace.LastText(
                """
                async Task<int> Top(int n) { await Task.CompletedTask; return Deep(60_000, n); }
                int Deep(int k, int n) => k == 0 ? Low(n).Result : 1 + Deep(k - 1, n);
                async Task<int> Low(int n) => await Task.FromResult(n);
                await Top(5)
                """
            )
        );

    [Fact]
    public async Task Traces_show_parameters_as_written() =>
        Assert.Equal(
            "Down(Int32 n) Down(Int32 n)",
            Invisible()
                .Replace(
                    await Workspace.LastText(
                        """
                        int Down(int n) => n == 0 ? throw new Exception("bottom") : Down(n - 1);
                        string trace = ""; try { Down(1); } catch (Exception e) { trace = e.StackTrace; }
                        string.Join(' ', trace.Split('\n')[..2].Select(line => line[(line.IndexOf('.') + 1)..(line.IndexOf(')') + 1)]))
                        """
                    ),
                    ""
                )
        );

    [GeneratedRegex("[\ufe00-\ufe0f]")]
    private static partial Regex Invisible();

    [Fact]
    public async Task What_catches_a_full_stack_goes_on() =>
        Assert.Equal(
            "-1 The stack is full: functions call each other too deep. Does a recursion lack its end?",
            await Workspace.LastText(
                """
                int F(int n) { try { return 1 + F(n + 1); } catch { throw; } }
                string said = "";
                int Safe() { try { return F(1); } catch (Exception e) { said = e.Message; return -1; } }
                $"{Safe()} {said}"
                """
            )
        );

    [Fact]
    public async Task Records_are_equal_as_they_were_without_a_checkpoint() =>
        Assert.Equal(
            "True True True True False True False System.Type EqualityContract 3",
            await Workspace.LastText(
                """
                record N(int V, object O = null);
                record M<T>(T W) : N(1);
                sealed record S(N N);
                record Own(N N) { protected virtual Type EqualityContract => typeof(int); }
                var contract = typeof(N).GetProperties(System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance).Single();
                $"{new N(1) == new N(1)} {new N(1).GetHashCode() == new N(1).GetHashCode()} {new M<int>(2) == new M<int>(2)} "
                    + $"{new S(new N(1)) == new S(new N(1))} {new M<int>(2) == new N(1)} {new Own(null) == new Own(null)} "
                    + $"{new M<int>(2).Equals(new M<long>(2))} {contract} {new HashSet<object> { new N(1), new N(1), new M<int>(1), new Own(null) }.Count}"
                """
            )
        );

    [Fact]
    public async Task A_recursion_that_lies_in_many_pages_of_the_stack_is_stopped()
    {
        using var engine = new CSharpEngine(Path.GetTempPath());
        using var stop = new CancellationTokenSource();
        CancellationToken token = TestContext.Current.CancellationToken;
        var sink = new StartedSink();
        await engine.ExecuteAsync("bool ended = false; int F(int n) => n == 0 ? 0 : F(n - 1) + F(n - 1);", "cell 1", sink, token);
        Task<ExecutionResult> running = engine.ExecuteAsync(
            "display(1); try { F(5_000); } finally { ended = true; }",
            "cell 2",
            sink,
            stop.Token
        );
        await sink.WaitUntilStarted(running);
        await Task.Delay(1_000, token);
        Assert.False(running.IsCompleted);
        await stop.CancelAsync();
        Assert.True((await running).Cancelled);
        Assert.Equal(true, (await engine.ExecuteAsync("ended", "cell 3", sink, token)).Value); // it was not left behind
    }

    [Theory]
    [InlineData("Environment.Exit(0);")]
    [InlineData("await Task.Run(() => Environment.Exit(1));")]
    [InlineData("Environment.FailFast(\"no\", new Exception());")]
    [InlineData("Environment.Exit(exitCode: 2);")]
    [InlineData("Environment.Exit(await Task.Run(() => 4));")]
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
        var sink = new StartedSink();
        await engine.ExecuteAsync(
            "long rounds = 0; bool end = false; var left = Task.Run(() => { while (!end) { rounds++; } });",
            "cell 1",
            sink,
            token
        );
        Task<ExecutionResult> looping = engine.ExecuteAsync("display(1); while (true) { }", "cell 2", sink, stop.Token);
        await sink.WaitUntilStarted(looping);
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

    // In these texts `|` and `^` are where a lambda has one.
    [Theory]
    [InlineData("double d = A(x => x + x, 3);", "double d = A(x => x + x, 3);")]
    [InlineData("double d = A(f: x => { return x + 1; }, x: 3);", "double d = A(f: x => { return x + 1; }, x: 3);")]
    [InlineData("double d = Kept(x => x + x);", "double d = Kept(x => {| return x + x; });")]
    [InlineData("double d = A(x => x + H(), 3);", "double d = A(x => {^@x return x + H(); }, 3);")]
    [InlineData(
        "var all = c.Where((x, i) => i > 2).Select(x => x.Item2 + 1);",
        "var all = c.Where((x, i) => i > 2).Select(x => x.Item2 + 1);"
    )]
    [InlineData(
        "var all = new List<int>().Take(3).Aggregate(0.0, (a, x) => a + x); var b = \"ab\".Max(l => l + 1);",
        "var all = new List<int>().Take(3).Aggregate(0.0, (a, x) => a + x); var b = \"ab\".Max(l => l + 1);"
    )]
    [InlineData(
        "var all = Enumerable.Repeat(1, 9).Select(x => x + x); var b = new int[2].SelectMany(x => all).Sum(x => x + 1);",
        "var all = Enumerable.Repeat(1, 9).Select(x => {| return x + x; }); var b = new int[2].SelectMany(x => {| return all; }).Sum(x => {| return x + 1; });"
    )]
    [InlineData(
        "var all = new int[2].Concat(all).Count(x => x > 0); var b = new int[2].AsParallel().Sum(x => x + 1);",
        "var all = new int[2].Concat(all).Count(x => {| return x > 0; }); var b = new int[2].AsParallel().Sum(x => {| return x + 1; });"
    )]
    [InlineData(
        "var all = new int[2].Select(x => $\"{x}\").ToArray();",
        "var all = new int[2].Select(x => {^ return $\"{x}\"; }).ToArray();"
    )]
    [InlineData("Func<double, double> h = x => x + x; A(h, 3)", "Func<double, double> h = x => x + x; A(h, 3)")]
    [InlineData(
        "Func<double, double> h = x => x + x; if (h != null && h is not null) A(h, h(2) + h.Invoke(3) + h?.Invoke(4) ?? 0); h = g;",
        "Func<double, double> h = x => x + x; if (h != null && h is not null) A(h, h(2) + h.Invoke(3) + h?.Invoke(4) ?? 0); h = ¢<double, double>(g);"
    )]
    [InlineData("Func<double, double> h = x => x + x; h(3)", "Func<double, double> h = x => {| return x + x; }; h(3)")]
    [InlineData(
        "Func<double, double> h = x => x + x; A(h, 3); var k = h;",
        "Func<double, double> h = x => {| return x + x; }; A(h, 3); var k = h;"
    )]
    [InlineData(
        "Func<double, double> h = x => x + x; A(h, 3); if (h is not Func<double, double> k) k = null;",
        "Func<double, double> h = x => {| return x + x; }; A(h, 3); if (h is not Func<double, double> k) k = null;"
    )]
    [InlineData(
        "Func<double, double> h = x => x + x; A(h, 3); var k = h ?? null;",
        "Func<double, double> h = x => {| return x + x; }; A(h, 3); var k = h ?? null;"
    )]
    [InlineData(
        "Func<double, double> h = x => x + x; A(h, 3); var k = h ??= null;",
        "Func<double, double> h = x => {| return x + x; }; A(h, 3); var k = h ??= null;"
    )]
    [InlineData(
        "Func<double, double> h = x => x + x; A(h, 3); h = null;",
        "Func<double, double> h = x => x + x; A(h, 3); h = null;"
    )]
    [InlineData(
        "var all = new[] { Enumerable.Repeat(1, 9) }.First().Select(x => x + 1);",
        "var all = new[] { Enumerable.Repeat(1, 9) }.First().Select(x => {| return x + 1; });"
    )]
    [InlineData(
        "Func<double, double> h = x => x + x; A(h, new[] { 1.0 }.Sum(h))",
        "Func<double, double> h = x => {| return x + x; }; A(h, new[] { 1.0 }.Sum(h))"
    )]
    [InlineData(
        "using System.Linq.Expressions;\nFunc<double, double> h = x => x; A(h, 1); Expression<Func<double>> t = () => h(2);",
        "using System.Linq.Expressions;\nFunc<double, double> h = x => {| return x; }; A(h, 1); Expression<Func<double>> t = () => h(2);"
    )]
    [InlineData("A(g, 1); A(B, g(2)); $\"{g}\"", "A(g, 1); A(B, g(2)); $\"{g}\"")]
    [InlineData(
        "var k = new[] { 1.0 }.Select(g); object o = new object[] { g, (object)g };",
        "var k = new[] { 1.0 }.Select(¢<double, double>(g)); object o = new object[] { ¢<double, double>(g), (object)¢<double, double>(g) };"
    )]
    [InlineData(
        "var t = (g, 1); var o = new { g }; ref var r = ref g; F(ref g); var m = g.Method;",
        "var t = (g, 1); var o = new { g }; ref var r = ref g; F(ref g); var m = g.Method;"
    )]
    [InlineData(
        "g ??= x => x; g += x => x; B((g = B)(1));",
        "g ??= x => {| return x; }; g += x => {| return x; }; B((g = B)(1));"
    )]
    [InlineData("g", "g")]
    [InlineData("c.Sort((x, y) => y.Item2.CompareTo(x.Item2));", "c.Sort((x, y) => {| return y.Item2.CompareTo(x.Item2); });")]
    [InlineData("c.Sort((x, y) => y.CompareTo(x));", "c.Sort((x, y) => {^ return y.CompareTo(x); });")]
    public void Lambdas_whose_callers_look_or_end_have_no_checkpoint(string cell, string expected)
    {
        const string Before =
            "double A(Func<double, double> f, double x) => x < 1 ? C(f) : f(x) + A(f, x / 2); double B(double x) => x; "
            + "double C(Func<double, double> f) => f is null ? 0 : f(1); Func<double, double> kept; "
            + "double Kept(Func<double, double> f) { kept = f; return f(1); } "
            + "Func<double, double> g = x => x + 1; A(g, 2);";
        Assert.Equal(Written(expected), Inserted(cell, After(Declared, Before)));
    }

    [Theory]
    [InlineData(
        "class P { public virtual long F(long n) => n; public virtual int G(int i) => i; } var p = new P();",
        "new[] { 2L, 3L }.Select(p.F).Sum() + new int[1].Select(p.G).Sum()",
        "5",
        "Enumerable.InfiniteSequence(1L, 0L).Select(p.F).Max();"
    )]
    [InlineData(
        "double Twice(Func<double, double> f, double x) => f(f(x)); Func<double, double> square = x => x * x; Twice(square, 2);",
        "var same = square; $\"{new[] { 2.0, 3.0 }.Sum(square)} {same == square} {object.Equals(same, square)} {Twice(square, 2)}\"",
        "13 True True 16",
        "Enumerable.InfiniteSequence(1.0, 0.0).Select(square).Max();"
    )]
    public async Task What_a_library_calls_without_end_is_stopped_though_it_has_no_checkpoint(
        string earlier,
        string cell,
        string value,
        string endless
    )
    {
        using var engine = new CSharpEngine(Path.GetTempPath());
        using var stop = new CancellationTokenSource();
        CancellationToken token = TestContext.Current.CancellationToken;
        var sink = new StartedSink();
        await engine.ExecuteAsync($"bool ended = false; {earlier}", "cell 1", sink, token);
        Assert.Equal(value, $"{(await engine.ExecuteAsync(cell, "cell 2", sink, token)).Value}");
        Task<ExecutionResult> running = engine.ExecuteAsync(
            $"display(1); try {{ {endless} }} finally {{ ended = true; }}",
            "cell 3",
            sink,
            stop.Token
        );
        await sink.WaitUntilStarted(running);
        await stop.CancelAsync();
        Assert.True((await running.WaitAsync(TimeSpan.FromSeconds(20), token)).Cancelled);
        Assert.Equal(true, (await engine.ExecuteAsync("ended", "cell 4", sink, token)).Value); // it was not left behind
    }

    private static readonly CSharpCompilation Declared = After(
        null,
        "class B { public virtual int Q(long n) => 1; } B b; bool x = true; void y() { } void z() { } List<(bool, int)> c = []; int g = 0; object G(object o) => o;"
            + " int H() => 1; async Task<int> K() => 1; async Task<int> L() => 1; async Task<int> e() => 1;"
    );

    private static CSharpCompilation After(CSharpCompilation? before, string cell) =>
        CSharpCompilation.CreateScriptCompilation(
            "cell",
            CSharpSyntaxTree.ParseText(cell, CSharpEngine.ParseOptions, cancellationToken: TestContext.Current.CancellationToken),
            AssemblyReferences.Default,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, usings: CSharpEngine.Imports),
            before
        );

    private static string Inserted(string cell, CSharpCompilation? before = null) =>
        CheckpointInsertion.Into(After(before ?? Declared, cell), keepsProcess: true);

    // With copies of functions as `__F_1`, and without numbers.
    private static string Plain(string inserted) =>
        Copy()
            .Replace(
                Number().Replace(inserted, "$1"),
                name =>
                    $"__{name.Groups["name"]}_{name.Groups["copy"].Value.Aggregate(0, (n, digit) => (8 * n) + digit - '\ufe08')}"
            );

    [GeneratedRegex("(__rounds|__limit|__end|__next|__left|__more)[0-9]+")]
    private static partial Regex Number();

    [GeneratedRegex(@"\b(?<name>\w+?)[\ufe00-\ufe07]+(?<copy>[\ufe08-\ufe0f]+)")]
    private static partial Regex Copy();

    private static string Written(string expected) =>
        Handed()
            .Replace(
                NumbersOfCall()
                    .Replace(
                        expected,
                        CheckpointInsertion.Call.Replace(
                            " global::AttentionLab.Kernel.Session.Checkpoint.Ask()",
                            " $1 = global::AttentionLab.Kernel.Session.Checkpoint.Ask($1)",
                            StringComparison.Ordinal
                        )
                    ),
                look =>
                    CheckpointInsertion.Look.Replace(
                        " global::AttentionLab.Kernel.Session.Checkpoint.StopHere()",
                        $" {look.Groups[1]} = global::AttentionLab.Kernel.Session.Checkpoint.StopHere({look.Groups[1]})",
                        StringComparison.Ordinal
                    )
            )
            .Replace("|", CheckpointInsertion.Look, StringComparison.Ordinal)
            .Replace("‖", CheckpointInsertion.ShortLook, StringComparison.Ordinal)
            .Replace("^", CheckpointInsertion.Call, StringComparison.Ordinal)
            .Replace("{~", "{" + CheckpointInsertion.Try + CheckpointInsertion.Call, StringComparison.Ordinal)
            .Replace("¬", CheckpointInsertion.Unwind, StringComparison.Ordinal)
            .Replace("®", CheckpointInsertion.Caught, StringComparison.Ordinal)
            .Replace("¤", CheckpointInsertion.HasRoom, StringComparison.Ordinal)
            .Replace("*", CheckpointInsertion.Optimized, StringComparison.Ordinal)
            .Replace("¹", CheckpointInsertion.Alone, StringComparison.Ordinal)
            .Replace("%", CheckpointInsertion.Inlined, StringComparison.Ordinal)
            .Replace("∨", "||", StringComparison.Ordinal)
            .Replace("×", "*", StringComparison.Ordinal)
            .Replace("†", CheckpointInsertion.Resumed, StringComparison.Ordinal)
            .Replace("‡", "global::AttentionLab.Kernel.Session.Checkpoint.Resumed(", StringComparison.Ordinal)
            .Replace("¢", "global::AttentionLab.Kernel.Session.Checkpoint.Looking", StringComparison.Ordinal)
            .Replace("«", "global::AttentionLab.Kernel.Session.Checkpoint.Pass(", StringComparison.Ordinal)
            .Replace("»", ")", StringComparison.Ordinal)
            .Replace("§", "global::AttentionLab.Kernel.Session.Checkpoint.Exit", StringComparison.Ordinal);

    [GeneratedRegex(@"\|(\([a-z, ]+\)|[a-z])(?= )")]
    private static partial Regex Handed();

    [GeneratedRegex(@"\^(\(@[a-z, @]+\)|@[a-z_]+)")]
    private static partial Regex NumbersOfCall();
}

using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace AttentionLab.Benchmarks.Processes;

/// <summary>
/// What the checkpoints by which a cell can be interrupted cost: the same code as a cell and compiled as it stands, in turns, in
/// one process, which compiles in tiers as the kernel's does.
/// </summary>
internal sealed class CheckpointTable : ITable
{
    public const string TableName = "checkpoints";

    // The runtime compiles by what it happened to see while the code ran, such as which class an object mostly is, and so the same
    // code each time otherwise. Each program is therefore compiled several times in each process.
    private const int Instances = 3;

    // The runtime compiles anew, in the background, what is called often. The turns end after as many in which it compiled nothing.
    private const int QuietTurns = 12;
    private const int MostTurns = 200;
    private const int Pause = 150; // milliseconds; it compiles when nothing new was called for 100

    // What a cell declares, and the call that is measured; each takes a few milliseconds.
    private static readonly (string Title, string Declarations, string Call)[] Programs =
    [
        ("recursion: Fibonacci", "int F(int n) => n < 2 ? n : F(n - 1) + F(n - 2);", "F(27)"),
        (
            "recursion: Ackermann",
            "int A(int m, int n) => m == 0 ? n + 1 : n == 0 ? A(m - 1, 1) : A(m - 1, A(m, n - 1));",
            "A(2, 600)"
        ),
        (
            "recursion: permutations",
            "int[] p = [0, 1, 2, 3, 4, 5, 6, 7]; int P(int k) { if (k == 8) return p[0]; int s = 0; for (int i = k; i < 8; i++) { "
                + "(p[k], p[i]) = (p[i], p[k]); s += P(k + 1); (p[k], p[i]) = (p[i], p[k]); } return s; }",
            "P(0)"
        ),
        (
            "recursion: towers of Hanoi",
            "int H(int n, int a, int b, int c) { if (n == 0) return 0; return H(n - 1, a, c, b) + 1 + H(n - 1, c, b, a); }",
            "H(16, 0, 1, 2)"
        ),
        (
            "recursion: a sum over a tree",
            "class Node { public Node L, R; public int V; } Node N(int d) => d == 0 ? null : new Node { V = d, L "
                + "= N(d - 1), R = N(d - 1) }; "
                + "int T(Node n) => n == null ? 0 : n.V + T(n.L) + T(n.R); Node root = N(15);",
            "T(root)"
        ),
        (
            "recursion: two functions that call each other",
            "bool IsEven(int n) => n == 0 || IsOdd(n - 1); bool IsOdd(int n) => n != 0 && IsEven(n - 1); int E(int n) { int s = 0; "
                + "for (int i = 0; i < n; i++) if (IsEven(i % 500)) s++; return s; }",
            "E(4_000)"
        ),
        (
            "recursion: Hofstadter's female and male numbers",
            "int F(int n) => n < 1 ? 1 : n - M(F(n - 1)); int M(int n) => n < 1 ? 0 : n - F(M(n - 1));",
            "F(60) + M(60)"
        ),
        (
            "recursion: a parser of sums, products and parentheses",
            "class Parser(string s) { int p; public double Sum() { double v = Product(); while (p < s.Length && s[p] == '+') { p++; "
                + "v += Product(); } return v; } double Product() { double v = Atom(); while (p < s.Length && s[p] == '*') { p++; v "
                + "*= Atom(); } return v; } double Atom() { if (s[p] == '(') { p++; double v = Sum(); p++; return v; } double d = 0; "
                + "while (p < s.Length && char.IsDigit(s[p])) d = d * 10 + s[p++] - '0'; return d; } } "
                + "string text = string.Join('+', Enumerable.Repeat(\"(1+2*3*(4+2))*((7))\", 2_000));",
            "new Parser(text).Sum()"
        ),
        (
            "recursion: quicksort",
            "int[] start = Enumerable.Range(0, 100_000).Select(i => (int)(i * 7919L % 100_003)).ToArray(), a = new int[100_000]; void "
                + "Q(int[] a, int lo, int hi) { if (lo >= hi) return; int p = a[(lo + hi) / 2], i = lo, j = hi; while (i <= j) { "
                + "while (a[i] < p) i++; while (a[j] > p) j--; if (i <= j) { (a[i], a[j]) = (a[j], a[i]); i++; j--; } } Q(a, lo, j); "
                + "Q(a, i, hi); } int Sort() { Array.Copy(start, a, a.Length); Q(a, 0, a.Length - 1); return a[7]; }",
            "Sort()"
        ),
        (
            "recursion: merge sort, each half a new array",
            "int[] start = Enumerable.Range(0, 50_000).Select(i => (int)(i * 7919L % 50_021)).ToArray(); int[] Merge(int[] x) { if "
                + "(x.Length < 2) return x; int[] a = Merge(x[..(x.Length / 2)]), b = Merge(x[(x.Length / 2)..]), c = new "
                + "int[x.Length]; int i = 0, j = 0, k = 0; while (i < a.Length && j < b.Length) c[k++] = a[i] < b[j] ? a[i++] : "
                + "b[j++]; while (i < a.Length) c[k++] = a[i++]; while (j < b.Length) c[k++] = b[j++]; return c; }",
            "Merge(start)"
        ),
        (
            "recursion: eight queens",
            "int Queens(int n, int row, int[] at) { if (row == n) return 1; int found = 0; for (int c = 0; c < n; c++) { bool free = "
                + "true; for (int r = 0; r < row; r++) if (at[r] == c || Math.Abs(at[r] - c) == row - r) { free = false; break; } if "
                + "(free) { at[row] = c; found += Queens(n, row + 1, at); } } return found; }",
            "Queens(8, 0, new int[8])"
        ),
        (
            "recursion: Fibonacci, numbers kept in a dictionary",
            "var seen = new Dictionary<int, long>(); long M(int n) { if (n < 2) return n; if (seen.TryGetValue(n, out long v)) return "
                + "v; v = M(n - 1) + M(n - 2); seen[n] = v; return v; } long R() { long s = 0; for (int i = 0; i < 300; i++) { "
                + "seen.Clear(); s += M(60); } return s; }",
            "R()"
        ),
        (
            "recursion: Fibonacci, a `Func` that calls itself",
            "Func<int, int> f = null; f = n => n < 2 ? n : f(n - 1) + f(n - 2);",
            "f(25)"
        ),
        (
            "recursion: adaptive Simpson over a `Func`",
            "double S(Func<double, double> f, double a, double b, double fa, double fm, double fb, double whole, double error) { double "
                + "m = (a + b) / 2, u = f((a + m) / 2), v = f((m + b) / 2), left = (m - a) / 6 * (fa + 4 * u + fm), right = (b - m) / 6 "
                + "* (fm + 4 * v + fb); return Math.Abs(left + right - whole) < 15 * error ? left + right : S(f, a, m, fa, u, fm, "
                + "left, error / 2) + S(f, m, b, fm, v, fb, right, error / 2); } double I(int n) { double s = 0; for (int i = 0; i < n; "
                + "i++) s += S(x => Math.Sqrt(x), 0, 1, 0, Math.Sqrt(0.5), 1, 1, 1e-9); return s; }",
            "I(20)"
        ),
        (
            "recursion: Simpson over a variable `Func` that is asked nine times a call",
            "double S(Func<double, double> f, double a, double b, double error) { double m = (a + b) / 2, whole = (b - a) / 6 * (f(a) "
                + "+ 4 * f(m) + f(b)), left = (m - a) / 6 * (f(a) + 4 * f((a + m) / 2) + f(m)), right = (b - m) / 6 * (f(m) + 4 * f((m "
                + "+ b) / 2) + f(b)); return Math.Abs(left + right - whole) < 15 * error ? left + right : S(f, a, m, error / 2) + S(f, "
                + "m, b, error / 2); } Func<double, double> g = x => Math.Sqrt(x); double I(int n) { double s = 0; for (int i = 0; i < "
                + "n; i++) s += S(g, 0, 1, 1e-9); return s; }",
            "I(20)"
        ),
        (
            "recursion: a sum over an array",
            "int[] a = Enumerable.Range(0, 4_000).ToArray(); int S(int i) => i == a.Length ? 0 : a[i] + S(i + 1); int R(int n) { int s = "
                + "0; for (int i = 0; i < n; i++) s += S(0); return s; }",
            "R(50)"
        ),
        (
            "recursion: ways to make change",
            "int[] coins = [50, 20, 10, 5, 2, 1]; int W(int left, int k) { if (left == 0) return 1; if (k == coins.Length) "
                + "return 0; int s = 0; for (int n = 0; n * coins[k] <= left; n++) s += W(left - n * coins[k], k + 1); return "
                + "s; }",
            "W(150, 0)"
        ),
        (
            "recursion: ways to make change, called through a function",
            "int[] coins = [50, 20, 10, 5, 2, 1]; int W(int left, int k) { if (left == 0) return 1; if (k == coins.Length) "
                + "return 0; int s = 0; for (int n = 0; n * coins[k] <= left; n++) s += W(left - n * coins[k], k + 1); return "
                + "s; } int Ways(int sum) => W(sum, 0);",
            "Ways(150)"
        ),
        (
            "recursion: classes with a virtual `Eval`",
            "abstract class E { public abstract double Eval(double x); } class C(double v) : E { public override double "
                + "Eval(double x) => v; } class X : E { public override double Eval(double x) => x; } class Add(E a, E b) : E "
                + "{ public override double Eval(double x) => a.Eval(x) + b.Eval(x); } class Mul(E a, E b) : E { public "
                + "override double Eval(double x) => a.Eval(x) * b.Eval(x); } E M(int d) => d == 0 ? new X() : d % 2 == 0 ? "
                + "new Add(M(d - 1), new C(2)) : new Mul(M(d - 1), M(d - 1)); E e = M(10); double R(int n) { double s = 0; for "
                + "(int i = 0; i < n; i++) s += e.Eval(i * 0.001); return s; }",
            "R(10_000)"
        ),
        (
            "recursion: a visitor of a tree",
            "interface IVisitor { int Leaf(Leaf l); int Fork(Fork f); } abstract class Tree { public abstract int "
                + "Accept(IVisitor v); } class Leaf(int n) : Tree { public int N = n; public override int Accept(IVisitor v) "
                + "=> v.Leaf(this); } class Fork(Tree a, Tree b) : Tree { public Tree A = a, B = b; public override int "
                + "Accept(IVisitor v) => v.Fork(this); } class Adder : IVisitor { public int Leaf(Leaf l) => l.N; public int "
                + "Fork(Fork f) => f.A.Accept(this) + f.B.Accept(this); } Tree M(int d) => d == 0 ? new Leaf(3) : new "
                + "Fork(M(d - 1), M(d - 1)); Tree t = M(14);",
            "t.Accept(new Adder())"
        ),
        (
            "loops: sum of squares of an array",
            "double[] a = new double[1_000_000]; double S(double[] a, int n) { double s = 0; for (int i = 0; i < "
                + "n; i++) s += a[i] * a[i]; "
                + "return s; }",
            "S(a, 1_000_000)"
        ),
        (
            "loops: integral of a function of the cell",
            "double F(double x) => x * 0.5 + 1; double I(int n) { double s = 0; for (int i = 0; i < n; i++) s += "
                + "F(i * 0.001); return s; }",
            "I(300_000)"
        ),
        (
            "loops: series for π",
            "double P(int n) { double s = 0; for (int i = 0; i < n; i++) s += (i % 2 == 0 ? 4.0 : -4.0) / (2 * i "
                + "+ 1); return s; }",
            "P(1_000_000)"
        ),
        (
            "loops: square root by Newton, `while`",
            "double R(int n) { double s = 0; for (int i = 1; i < n; i++) { double x = i, y = 0; while "
                + "(Math.Abs(x - y) > 1e-9) { y = x; x = 0.5 "
                + "* (x + i / x); } s += x; } return s; }",
            "R(50_000)"
        ),
        (
            "loops: greatest common divisor, `while`",
            "int G(int a, int b) { while (b != 0) (a, b) = (b, a % b); return a; } int S(int n) { int s = 0; for "
                + "(int i = 1; i < n; i++) for (int "
                + "j = 1; j < n; j++) s += G(i, j); return s; }",
            "S(400)"
        ),
        (
            "loops: `j <= i`",
            "long S(int n) { long s = 0; for (int i = 0; i < n; i++) for (int j = 0; j <= i; j++) s += i ^ j; return s; }",
            "S(1_000)"
        ),
        (
            "loops: Collatz, `while`",
            "int C(int most) { int longest = 0; for (int i = 1; i < most; i++) { long n = i; int steps = 0; while (n != 1) { n = "
                + "n % 2 == 0 ? n / 2 : 3 * n + 1; steps++; } longest = Math.Max(longest, steps); } return longest; }",
            "C(20_000)"
        ),
        (
            "loops: a series until its terms are small, `while`",
            "double T(double least) { double s = 0, term = 1, k = 1; while (Math.Abs(term) > least) { s += term; k += 2; term = "
                + "(term > 0 ? -1 : 1) / k; } return 4 * s; }",
            "T(2e-6)"
        ),
        (
            "loops: random numbers until one comes, `while`",
            "int U(uint wanted) { uint x = 1; int n = 0; while (x >> 12 != wanted) { x = 1664525 * x + 1013904223; n++; } return n; }",
            "U(77)"
        ),
        (
            "loops: matrix product",
            "double[,] a = new double[120, 120], b = new double[120, 120]; double M(int n) { double sum = 0; for (int i = 0; i < n; "
                + "i++) for (int j = 0; j < n; j++) { double s = 0; for (int k = 0; k < n; k++) s += a[i, k] * b[k, j]; sum += s; } "
                + "return sum; }",
            "M(120)"
        ),
        (
            "loops: sieve, `j += i`",
            "bool[] v = new bool[400_000]; int S() { Array.Fill(v, true); int count = 0; for (int i = 2; i < v.Length; i++) { if "
                + "(!v[i]) continue; count++; for (int j = 2 * i; j < v.Length; j += i) v[j] = false; } return count; }",
            "S()"
        ),
        (
            "loops: prime test, `d * d <= n`",
            "int T(int most) { int count = 0; for (int n = 2; n < most; n++) { bool prime = true; for (int d = 2; d * d <= n; d++) if "
                + "(n % d == 0) { prime = false; break; } if (prime) count++; } return count; }",
            "T(30_000)"
        ),
        (
            "loops: 3 x 3 convolution",
            "float[,] x = new float[130, 130], y = new float[128, 128], w = new float[3, 3]; float V(int k) { for (int i = 0; i < "
                + "128; i++) for (int j = 0; j < 128; j++) { float s = 0; for (int u = 0; u < k; u++) for (int v = 0; v < k; v++) s "
                + "+= x[i + u, j + v] * w[u, v]; y[i, j] = s; } return y[5, 5]; }",
            "V(3)"
        ),
        (
            "loops: bubble sort",
            "int B(int n) { var a = new int[n]; for (int i = 0; i < n; i++) a[i] = i * 7919 % n; for (int i = 0; i < n; i++) for (int "
                + "j = 0; j + 1 < n - i; j++) if (a[j] > a[j + 1]) (a[j], a[j + 1]) = (a[j + 1], a[j]); return a[3]; }",
            "B(1_000)"
        ),
        (
            "loops: Mandelbrot",
            "int N(int n) { int all = 0; for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) { double a = 0, b = 0, x = 3.0 * i / n "
                + "- 2, y = 2.0 * j / n - 1; int k = 0; while (k < 200 && a * a + b * b < 4) { (a, b) = (a * a - b * b + x, 2 * a * b "
                + "+ y); k++; } all += k; } return all; }",
            "N(120)"
        ),
        (
            "loops: trapezoids under a `Func`",
            "double T(Func<double, double> f, double a, double b, int n) { double h = (b - a) / n, s = (f(a) + f(b)) / 2; for (int i = "
                + "1; i < n; i++) s += f(a + i * h); return s * h; } Func<double, double> g = x => x * x - 2 * x; double R() { double s "
                + "= 0; for (int i = 0; i < 100; i++) s += T(g, 0, 2, 2_000); return s; }",
            "R()"
        ),
        (
            "loops: a variable `Func` asked in each round",
            "Func<double, double> g = x => x * x - 2 * x; double R(int n) { double s = 0; for (int i = 0; i < n; i++) s += g(i * 1e-5); "
                + "return s; }",
            "R(200_000)"
        ),
        (
            "loops: LINQ, a sum of squares",
            "int[] a = Enumerable.Range(0, 100_000).ToArray(); long R() => a.Where(x => x % 3 == 0).Select(x => (long)x * x).Sum();",
            "R()"
        ),
        (
            "loops: a list sorted by a comparison",
            "int[] a = Enumerable.Range(0, 20_000).Select(i => (int)(i * 7_919L % 20_011)).ToArray(); int R() { var all = new "
                + "List<int>(a); all.Sort((x, y) => y.CompareTo(x)); return all[5]; }",
            "R()"
        ),
        (
            "loops: words in a dictionary",
            "string[] words = Enumerable.Range(0, 20_000).Select(i => $\"{i % 997}\").ToArray(); int W() { var seen = new "
                + "Dictionary<string, int>(); foreach (string word in words) seen[word] = seen.GetValueOrDefault(word) + 1; return "
                + "seen.Count; }",
            "W()"
        ),
    ];

    public string Name => TableName;

    public string Title =>
        "What a cell's checkpoints cost: its code's time over the same code's without them, median (least to most) of several processes";

    /// <summary>Rows are measured whose titles hold one of these texts; all if there are none.</summary>
    public string[] Rows { get; set; } = [];

    /// <summary>How many processes measure; null for as many as the table takes by itself.</summary>
    public int? Processes { get; set; }

    public void Write(TextWriter output, bool quick)
    {
        string[] titles =
        [
            .. Programs.Select(program => program.Title).Where(title => Rows.Length == 0 || Rows.Any(title.Contains)),
        ];
        var environment = new Dictionary<string, string> { ["DOTNET_TieredCompilation"] = "1" };
        (double Cell, double Plain)[][] pairs =
        [
            .. from _ in Enumerable.Range(0, Processes ?? (quick ? 1 : 5))
            select Probe.Run(TableName, threads: 1, environment, titles).Chunk(2).Select(pair => (pair[0], pair[1])).ToArray(),
        ];
        output.Heading("code", "ms as a cell", "ms without checkpoints", "ratio");
        foreach ((int row, string title) in titles.Index())
        {
            (double Cell, double Plain)[] all = [.. pairs.SelectMany(process => process.Skip(row * Instances).Take(Instances))];
            output.Row(
                title,
                Spread(all.Select(pair => pair.Cell)),
                Spread(all.Select(pair => pair.Plain)),
                Spread(all.Select(pair => pair.Cell / pair.Plain))
            );
        }
    }

    private static string Spread(IEnumerable<double> values) => $"{values.Median():f2} ({values.Min():f2} to {values.Max():f2})";

    /// <summary>The least milliseconds as a cell and as it stands, of each program's instances. Arguments: titles.</summary>
    public static double[] Measure(string[] titles) => MeasureAsync(titles).GetAwaiter().GetResult();

    private static async Task<double[]> MeasureAsync(string[] titles)
    {
        var functions = new List<Func<double>>();
        foreach ((string title, string declarations, string call) in Programs.Where(program => titles.Contains(program.Title)))
        {
            string code = $$"""
                using System.Diagnostics;
                {{declarations}}
                var kept = {{call}}; // else the compiler leaves out what it computes
                double Best()
                {
                    double best = double.MaxValue;
                    for (int i = 0; i < 4; i++)
                    {
                        var watch = Stopwatch.StartNew();
                        kept = {{call}};
                        best = Math.Min(best, watch.Elapsed.TotalMilliseconds);
                    }
                    return best;
                }
                (Func<double>)Best
                """;
            for (int instance = 0; instance < Instances; instance++)
            {
                functions.Add((Func<double>)await RunAsync(code));
                functions.Add(
                    await CSharpScript.EvaluateAsync<Func<double>>(
                        code,
                        ScriptOptions
                            .Default.WithReferences(AssemblyReferences.Default)
                            .WithImports(CSharpEngine.Imports)
                            .WithOptimizationLevel(OptimizationLevel.Release)
                    )
                );
            }
        }

        AppDomain.CurrentDomain.SetData(TableName, functions.ToArray());
        // One cell takes all turns: one a turn would let the runtime compile the compiler anew before what is measured.
        return (double[])
            await RunAsync(
                $$"""
                var functions = (Func<double>[])AppDomain.CurrentDomain.GetData("{{TableName}}");
                double[] best = functions.Select(_ => double.MaxValue).ToArray();
                for (int turn = 0, quiet = 0; turn < {{MostTurns}} && quiet < {{QuietTurns}}; turn++)
                {
                    long compiled = System.Runtime.JitInfo.GetCompiledMethodCount();
                    for (int i = 0; i < best.Length; i++) best[i] = Math.Min(best[i], functions[i]());
                    System.Threading.Thread.Sleep({{Pause}});
                    quiet = System.Runtime.JitInfo.GetCompiledMethodCount() == compiled ? quiet + 1 : 0;
                }
                best
                """
            );
    }

    private static async Task<object> RunAsync(string cell)
    {
        using var engine = new CSharpEngine(Path.GetTempPath());
        ExecutionResult result = await engine.ExecuteAsync(cell, "cell", new NotebookOutputs(), CancellationToken.None);
        return result.Error is { } error ? throw new InvalidOperationException(error.Message) : result.Value!;
    }
}

using System.Globalization;
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

    private const int Turns = 30;

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
            "loops: Collatz, `while`",
            "int C(int most) { int longest = 0; for (int i = 1; i < most; i++) { long n = i; int steps = 0; while (n != 1) { n = "
                + "n % 2 == 0 ? n / 2 : 3 * n + 1; steps++; } longest = Math.Max(longest, steps); } return longest; }",
            "C(20_000)"
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
            "loops: words in a dictionary",
            "string[] words = Enumerable.Range(0, 20_000).Select(i => $\"{i % 997}\").ToArray(); int W() { var seen = new "
                + "Dictionary<string, int>(); foreach (string word in words) seen[word] = seen.GetValueOrDefault(word) + 1; return "
                + "seen.Count; }",
            "W()"
        ),
    ];

    public string Name => TableName;

    public string Title => "What a cell's checkpoints cost: its code's time over the same code's without them, in one process";

    public void Write(TextWriter output, bool quick)
    {
        output.Heading("code", "ms as a cell", "ms without checkpoints", "ratio");
        foreach ((string title, string declarations, string call) in Programs)
        {
            double[] times = Probe.Run(
                TableName,
                threads: 1,
                new Dictionary<string, string> { ["DOTNET_TieredCompilation"] = "1" },
                declarations,
                call,
                $"{(quick ? Turns / 3 : Turns)}"
            );
            output.Row(title, $"{times[0]:f2}", $"{times[1]:f2}", $"{times[0] / times[1]:f2}");
        }
    }

    /// <summary>The least milliseconds as a cell and as it stands. Arguments: declarations, call, turns.</summary>
    public static double[] Measure(string[] arguments) => MeasureAsync(arguments).GetAwaiter().GetResult();

    private static async Task<double[]> MeasureAsync(string[] arguments)
    {
        string code = $$"""
            using System.Diagnostics;
            {{arguments[0]}}
            double Best()
            {
                double best = double.MaxValue;
                for (int i = 0; i < 8; i++)
                {
                    var watch = Stopwatch.StartNew();
                    _ = {{arguments[1]}};
                    best = Math.Min(best, watch.Elapsed.TotalMilliseconds);
                }
                return best;
            }
            """;
        ScriptState<object> plain = await CSharpScript.RunAsync(
            code,
            ScriptOptions
                .Default.WithReferences(AssemblyReferences.Default)
                .WithImports(CSharpEngine.Imports)
                .WithOptimizationLevel(OptimizationLevel.Release)
        );
        using var engine = new CSharpEngine(Path.GetTempPath());
        await Run(code);
        double bestPlain = double.MaxValue,
            bestCell = double.MaxValue;
        for (int turn = 0; turn < int.Parse(arguments[2], CultureInfo.InvariantCulture); turn++)
        {
            plain = await plain.ContinueWithAsync("Best()");
            bestPlain = Math.Min(bestPlain, (double)plain.ReturnValue);
            bestCell = Math.Min(bestCell, (double)(await Run("Best()")).Value!);
            await Task.Delay(50); // in which the runtime compiles anew what was called often
        }

        return [bestCell, bestPlain];

        async Task<ExecutionResult> Run(string cell)
        {
            ExecutionResult result = await engine.ExecuteAsync(cell, "cell", new NotebookOutputs(), CancellationToken.None);
            return result.Error is { } error ? throw new InvalidOperationException(error.Message) : result;
        }
    }
}

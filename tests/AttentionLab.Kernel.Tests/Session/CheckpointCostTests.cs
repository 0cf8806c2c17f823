using System.Globalization;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace AttentionLab.Kernel.Tests.Session;

/// <summary>
/// What checkpoints cost: the same code as a cell and compiled as it stands, in turns, in one process. The bounds are far above
/// what an idle machine shows (the benchmarks' README has that), so that a busy one passes too; a lost inlining exceeds them.
/// </summary>
public sealed class CheckpointCostTests
{
    [Theory]
    [InlineData("int F(int n) => n < 2 ? n : F(n - 1) + F(n - 2);", "F(30)", 2)]
    [InlineData("int F(int n) { if (n < 2) return n; return F(n - 1) + F(n - 2); }", "F(30)", 2)]
    [InlineData(
        "int Ackermann(int m, int n) => m == 0 ? n + 1 : n == 0 ? Ackermann(m - 1, 1) : Ackermann(m - 1, Ackermann(m, n - 1));",
        "Ackermann(2, 900)",
        2
    )]
    [InlineData(
        "int Collatz(int most) { int longest = 0; for (int i = 1; i < most; i++) { long n = i; int steps = 0; while (n != 1) "
            + "{ n = n % 2 == 0 ? n / 2 : 3 * n + 1; steps++; } longest = Math.Max(longest, steps); } return longest; }",
        "Collatz(20_000)",
        2
    )]
    [InlineData(
        "double[,] a = new double[120, 120], b = new double[120, 120]; double Multiply() { double sum = 0; for (int i = 0; i < 120; "
            + "i++) for (int j = 0; j < 120; j++) { double s = 0; for (int k = 0; k < 120; k++) s += a[i, k] * b[k, j]; sum += s; } "
            + "return sum; }",
        "Multiply()",
        2
    )]
    [InlineData(
        "bool[] sieve = new bool[400_000]; int Primes() { Array.Fill(sieve, true); int count = 0; for (int i = 2; i < sieve.Length; "
            + "i++) { if (!sieve[i]) continue; count++; for (int j = 2 * i; j < sieve.Length; j += i) sieve[j] = false; } return count; }",
        "Primes()",
        2
    )]
    public async Task A_cell_costs_little_more_than_its_code(string declarations, string call, double most)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        string code = $$"""
            using System.Diagnostics;
            {{declarations}}
            double Best()
            {
                double best = double.MaxValue;
                for (int i = 0; i < 6; i++)
                {
                    var watch = Stopwatch.StartNew();
                    _ = {{call}};
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
                .WithOptimizationLevel(OptimizationLevel.Release),
            cancellationToken: token
        );
        using var engine = new CSharpEngine(Path.GetTempPath());
        Assert.Null((await engine.ExecuteAsync(code, "cell 1", new NotebookOutputs(), token)).Error);
        double bestPlain = double.MaxValue,
            bestCell = double.MaxValue;
        for (int turn = 0; turn < 6; turn++)
        {
            plain = await plain.ContinueWithAsync("Best()", cancellationToken: token);
            ExecutionResult cell = await engine.ExecuteAsync("Best()", $"cell {turn + 2}", new NotebookOutputs(), token);
            bestPlain = Math.Min(bestPlain, (double)plain.ReturnValue);
            bestCell = Math.Min(bestCell, (double)cell.Value!);
            await Task.Delay(150, token); // in which the runtime compiles anew what was called often
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{call}: {bestCell:0.00} ms, plain {bestPlain:0.00} ms, {bestCell / bestPlain:0.00}"
            )
        );
        Assert.InRange(bestCell / bestPlain, 0, most);
    }
}

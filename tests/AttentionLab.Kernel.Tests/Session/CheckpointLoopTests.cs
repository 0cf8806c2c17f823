using System.Globalization;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using CsCheck;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace AttentionLab.Kernel.Tests.Session;

/// <summary>Loops put together at random do the same as a cell and as they stand.</summary>
public sealed class CheckpointLoopTests
{
    private static readonly string[] Heads =
    [
        "for (int i = a; i < b; i++)",
        "for (int i = a; i <= b; i += 3)",
        "for (int i = a; i + 1 < b; i += d)",
        "for (int i = 0; i < b - i; i++)",
        "for (int i = b; i > a; i--)",
        "for (int i = b; i >= a; i -= d)",
        "for (int i = a; i < t.n && i != d; i++, d++)",
        "for (int i = 1; i < b; i += i)",
        "for (int i = a; ; ++i)",
        "for (int i = a; i != b; i++)",
        "for (long i = a; i <= b; i++)",
        "for (long i = b; i > a; i--)",
        "for (short i = 0; i + 1 < b; i++)",
        "for (byte i = 5; i < b; i++)",
        "for (uint i = 5; i < b; i++)",
        "foreach (int i in all)",
        "int i = a; while (i < b) { i++;",
        "int i = b; while (i >= a) { i -= d;",
        "int i = a; while (i++ < b) {",
        "int i = d; while (true) {",
        "int i = d; while (i * i < b) { i += 2;",
        "int i = d; do { i++;",
    ];

    private static readonly string[] Bodies =
    [
        "s = s * 31 + i;",
        "s += all[i & 7];",
        "if (i % 3 == 0) continue;",
        "if (s % 7 == 5) break;",
        "if (s % 11 == 3) { s++; } else if (d > 900) break;",
        "b--;",
        "d++;",
        "(a, b) = (a + 1, b - 2);",
        "t.Item1 -= 2;",
        "r--;",
        "all[s & 7]++;",
        "Math.DivRem(i < 900 ? 2000 : 3, 2, out b);",
        "for (int j = 0; j < d; j++) { if (--left < 0 || j > b) break; if (j % 2 == 0) continue; s += j; }",
        "while (d > 1) { d--; s ^= d; if (s % 5 == 0) break; }",
        "switch (s % 4) { case 0: continue; case 1: s++; break; case 2: goto case 1; default: b -= 2; break; }",
        "checked { d += 100_000_000; }",
    ];

    private static readonly string[] Numbers =
    [
        "-3, 1025, 1",
        "0, 64, 2",
        "1, 3000, 7",
        "int.MaxValue - 1500, int.MaxValue, 1",
        "int.MinValue, int.MinValue + 1100, 3",
        "5, 0, -1",
    ];

    [Fact]
    public async Task Loops_do_what_was_written()
    {
        using var engine = new CSharpEngine(Path.GetTempPath());
        await Gen.Select(Gen.Int[0, Heads.Length - 1], Gen.Int[0, Bodies.Length - 1].Array[1, 4], Gen.Bool)
            .Array[24]
            .SampleAsync(
                async loops =>
                {
                    string cell = Cell(loops);
                    string plain = await CSharpScript.EvaluateAsync<string>(
                        cell,
                        ScriptOptions
                            .Default.WithReferences(AssemblyReferences.Default)
                            .WithImports(CSharpEngine.Imports)
                            .WithOptimizationLevel(Microsoft.CodeAnalysis.OptimizationLevel.Release)
                    );
                    ExecutionResult result = await engine.ExecuteAsync(
                        cell,
                        "cell",
                        new NotebookOutputs(),
                        CancellationToken.None
                    );
                    return plain == (string?)result.Value;
                },
                print: Cell,
                iter: 3,
                threads: 1
            );
    }

    private static string Cell((int Head, int[] Body, bool IsAliased)[] loops) =>
        string.Join('\n', loops.Select(Function))
        + "\nstring Try(Func<string> f) { try { return f(); } catch (Exception e) { return e.Message; } }\n"
        + "string.Join('\\n', new Func<string>[] { "
        + string.Join(", ", loops.SelectMany((_, i) => Numbers.Select(numbers => $"() => F{i}({numbers})")))
        + " }.Select(Try))";

    private static string Function((int Head, int[] Body, bool IsAliased) loop, int number)
    {
        string head = Heads[loop.Head];
        string body = string.Join(' ', loop.Body.Select(i => Bodies[i]));
        string end = head.Contains("do {", StringComparison.Ordinal) ? "} while (i < b);" : "}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            string F{{number}}(int a, int b, int d)
            {
                int left = 9000;
                long s = 1;
                var t = (n: b, 5);
                int[] all = [3, 1, 4, 1, 5, 9, 2, 6];
                {{(loop.IsAliased ? "ref int r = ref b;" : "int r = 0;")}}
                {{head}}{{(head.Contains('{', StringComparison.Ordinal) ? "" : " {")}}
                if (--left < 0) break; {{body}} {{end}}
                return $"{s} {a} {b} {d} {left} {t} {r} {string.Join(' ', all)}";
            }
            """
        );
    }
}

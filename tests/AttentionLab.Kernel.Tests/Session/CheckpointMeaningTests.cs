using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Tests.Session;

/// <summary>Checkpoints change neither what a cell computes nor what it says when it fails.</summary>
public sealed class CheckpointMeaningTests
{
    // The end moves with the count, or under another name.
    [Theory]
    [InlineData("string s = new('a', 9000);", "for (int i = 0; i < s.Length - 1 - i; i++)", "", 4500)]
    [InlineData("int n = 9000;", "for (int i = 0; i < n - i; i += 2)", "", 2250)]
    [InlineData("int n = 9000, i = 0;", "while (i < n - i)", "i++;", 4500)]
    [InlineData("int n = 3000;", "for (int i = 0; i < n; i++)", "Math.DivRem(50, 2, out n);", 1)]
    [InlineData("(int n, int m) t = (3000, 1);", "for (int i = 0; i < t.n; i++)", "t.Item1--;", 1500)]
    [InlineData("int n = 3000; Span<int> p = new(ref n);", "for (int i = 0; i < n; i++)", "p[0]--;", 1500)]
    [InlineData("int n = 3000; int* p = &n;", "for (int i = 0; i < n; i++)", "*p -= 1;", 1500)]
    [InlineData("Pair p = new(3000);", "for (int i = 0; i < Pair.N; i++)", "var (_, _) = p;", 1500)]
    [InlineData("Pair p = new(3000);", "for (int i = 0; i < Pair.N; i++)", "_ = p is (1, 2);", 1500)]
    [InlineData("int n = 1 << 20;", "for (int i = 1; i < n; i += i)", "", 20)]
    [InlineData("int n = 9000;", "for (short i = 0; i + 1 < n; i++)", "", 8999)]
    [InlineData("Same n = new() { A = 3000 };", "for (int i = 0; i < n.A; i++)", "n.B--;", 1500)]
    [InlineData("object n = 3000;", "for (int i = 0; i < (n is int k ? k : 3); i++)", "", 3000)]
    [InlineData("int n = 0;", "while (true)", "n++; if (n > 2999) break;", 2999)]
    public async Task A_loop_makes_the_rounds_that_were_written(string before, string loop, string body, int rounds) =>
        Assert.Equal(
            $"{rounds}",
            await Workspace.LastText(
                $$"""
                using System.Runtime.InteropServices;
                class Pair
                {
                    public static int N;
                    public Pair(int n) => N = n;
                    public void Deconstruct(out int x, out int y) { N--; (x, y) = (1, 2); }
                }

                [StructLayout(LayoutKind.Explicit)]
                struct Same { [FieldOffset(0)] public int A; [FieldOffset(0)] public int B; }

                unsafe int Rounds() { int rounds = 0; {{before}} {{loop}} { {{body}} rounds++; } return rounds; }
                Rounds()
                """
            )
        );

    [Theory]
    [InlineData("class Names { public int F(int n) => n < 2 ? n : F(n - 1); }\ntypeof(Names).GetMethods().First().Name", "F")]
    [InlineData(
        "int F(int n) =>\n  n == 0 ? 1 / n :\n  1 + F(n - 1);\nstring text = \"\"; try { F(5); } catch (Exception e) { text = "
            + "$\"{e}\"; }\nstring.Join(' ', text.Split('\\n').Select(line => System.Text.RegularExpressions.Regex.Replace(line, "
            + "@\"^.*#\\d+.|\\p{Mn}|\\(.*:line\", \"\"))"
            + ".Where(line => line[0] == 'F'))",
        "F 2 F 2 F 2 F 2 F 2 F 2"
    )]
    [InlineData("var q = from i in new[] { 3, 11, 2 } orderby i % 10 select i;\nq.ThenBy(i => i).First()", "11")]
    [InlineData(
        "#pragma warning disable CS0162\n"
            + "int F(int n) { return n; while (n > 0) { for (int k = 0; k < n; k++) n--; F(n); } } F(3)",
        "3"
    )]
    [InlineData(
        "struct S { public int N; public int F(S s) { int r = 0; for (int i = 0; i < N; i++) { this = s; r++; } return r; } }\n"
            + "new S { N = 3000 }.F(new S { N = 5 })",
        "5"
    )]
    [InlineData(
        "using System.Runtime.CompilerServices;\n"
            + "string F(int n, [CallerMemberName] string name = \"\") => n == 0 ? name : F(n - 1);\nF(2)",
        "F"
    )]
    [InlineData(
        "using System.Linq.Expressions;\nclass Table { string sql; public Table Where(Expression<Func<int, bool>> where) { sql = "
            + "$\"{where}\"; return this; } public override string ToString() => sql; }\n"
            + "(from x in new Table() where x > 3 select x).ToString()",
        "x => (x > 3)"
    )]
    [InlineData(
        "using System.Runtime.CompilerServices;\n"
            + "static string Show(this int v, [CallerArgumentExpression(nameof(v))] string text = \"\") => $\"{text} = {v}; \";\n"
            + "Show(new[] { 1, 2 }.Sum(x => x * x)) + \"a\\n\".Sum(x => x).Show() + Show(new[] { 3 }.Sum(x => x), \"own\")",
        "new[] { 1, 2 }.Sum(x => x * x) = 5; \"a\\n\".Sum(x => x) = 107; own = 3; "
    )]
    public async Task A_cell_sees_nothing_of_its_checkpoints(string cell, string result) =>
        Assert.Equal(result, await Workspace.LastText(cell));

    // The check of the stack hands them through.
    [Theory]
    [InlineData(
        "long F(double x, int n) { H(); return n == 0 ? BitConverter.DoubleToInt64Bits(x) : F(x, n - 1); } F(-0.0, 9)",
        "-9223372036854775808"
    )]
    [InlineData(
        "int F(float x, int n) { H(); return n == 0 ? BitConverter.SingleToInt32Bits(x) : F(x, n - 1); } F(float.NaN, 9)",
        "-4194304"
    )]
    [InlineData(
        "double F(float a, double b, double c, float d, double e, double f, double g, double h, float i) => H() + a + 2 * b + 4 * c + "
            + "8 * d + 16 * e + 32 * f + 64 * g + 128 * h + 256 * i;\nF(1, 2, 3, 4, 5, 6, 7, 8, 9)",
        "4098"
    )]
    [InlineData(
        "double F(double record, float field, double @double) => H() * record + field / @double; F(3, @double: 4, field: 1)",
        "3.25"
    )]
    [InlineData("double F(double x = 0.5) { double G(double x) => H() + x; return G(x + 1) * x; } F()", "1.25")]
    [InlineData("double F(double x) { Action add = () => x += H(); add(); add(); return x; } F(0.5)", "2.5")]
    [InlineData(
        "IEnumerable<double> F(double x) { yield return x + H(); x *= 2; yield return x; } string.Join(' ', F(1.5))",
        "2.5 3"
    )]
    [InlineData("T F<T>(T a, double x) where T : struct { H(); return x > 1 ? F(a, x - 1) : a; } F(2.5, 3)", "2.5")]
    [InlineData(
        "class P { double v; public double V { get => v; set { G(); v = value / 2; } } void G() { } } new P { V = 3 }.V",
        "1.5"
    )]
    [InlineData("unsafe double F(double x) { H(); double* p = &x; *p += 1; return x; } F(0.5)", "1.5")]
    [InlineData(
        "double F(in double a, ref double b, double c) { H(); b += c; return a + b; } double b = 1; F(0.25, ref b, 2) + b",
        "6.25"
    )]
    [InlineData("Func<double, double, double> f = (_, _) => { _ = H(); return 2.5; }; f(1, 2)", "2.5")]
    [InlineData("Func<double, double> f = _ => H() + _; f(1.5)", "2.5")]
    public async Task Floating_point_parameters_arrive_as_they_were_given(string cell, string result) =>
        Assert.Equal(result, await Workspace.LastText("int H() => 1;", cell));

    private const string Halves = """
        int Halve(int n)
        {
          int k = n, sum = 0;
          while (k != -1) // down
          {
            if (k == -2)
              break;
            sum += n / k;
            k--;
          }
          return sum;
        }

        """;

    private const string Rows = """
        int Sum(int n)
        {
          int sum = 0;
          for (int i = 0; i < n; i++) // rows
            for (int j = n; j > 0; j--)
              sum += n / (j - 1);

          return sum;
        }

        """;

    // Of a function that the compiler writes into its caller, an error would name the caller's line.
    [Theory]
    [InlineData("int F(int n)\n{\n  if (n == 0)\n    return 1 / zero;\n  return 1 + F(n - 1);\n}\nF(1)", 4)]
    [InlineData("int F(int n)\n{\n  if (n == 0)\n    return 1 / zero;\n  return 1 + F(n - 1);\n}\nF(2)", 4)]
    [InlineData("int F(int n) =>\n  n / zero > 5\n    ? n\n    : F(n - 1);\nF(1)", 2)]
    [InlineData("int[] a = [];\nint F(int n)\n{\n  return a[n];\n}\nF(1)", 4)]
    [InlineData("int[] a = [];\nint F(int n) =>\n  a[n];\nF(1)", 3)]
    [InlineData(Halves + "Halve(9)", 8)] // in the loop's copy, which makes the first rounds
    [InlineData(Halves + "Halve(5_000)", 8)] // in the loop itself
    [InlineData(Halves + "Halve(-2);\n\n1 / zero", 15)]
    [InlineData(Rows + "Sum(3)", 6)] // in the copy of loops in a loop whose rounds are few
    [InlineData(Rows + "Sum(70)", 6)]
    [InlineData(Rows + "Sum(0);\n\n1 / zero", 12)]
    public async Task An_error_names_the_line_that_was_written(string cell, int line)
    {
        CellError error = await Workspace.LastError("int zero = 0;", cell);
        Assert.EndsWith($"line {line}", error.Location, StringComparison.Ordinal);
    }
}

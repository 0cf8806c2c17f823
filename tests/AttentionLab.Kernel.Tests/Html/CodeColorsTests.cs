using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using AttentionLab.Kernel.Html;

namespace AttentionLab.Kernel.Tests.Html;

public sealed class CodeColorsTests
{
    [Theory]
    [InlineData("int x = 1; // note", "[k:int] x = [n:1]; [c:// note]")]
    [InlineData("var list = new List<int>();", "[k:var] list = [k:new] [t:List]<[k:int]>();")]
    [InlineData("await F($\"a{b}\\n\");", "[k:await] F([s:$\"a]{b}[s:\\n\"]);")]
    [InlineData("Console.WriteLine('c');", "[t:Console].[m:WriteLine]([s:'c']);")]
    [InlineData("T Same<T>(T x) => x;", "[t:T] [m:Same]<[t:T]>([t:T] x) => x;")]
    [InlineData("/// <summary>Why</summary>\nrecord R(int A);", "[c:/// <summary>Why</summary>]\n[k:record] [t:R]([k:int] A);")]
    [InlineData("if (x is string s) return;", "[k:if] (x [k:is] [k:string] s) [k:return];")]
    [InlineData("#r \"nuget: A\"\n1", "[d:#r] [s:\"nuget: A\"]\n[n:1]")]
    [InlineData("#if NO\nout\n#endif", "[d:#if] NO\n[c:out]\n[d:#endif]")]
    public async Task Code_is_coloured(string code, string expected) =>
        Assert.Equal(expected, Marked(await new CodeColors(".").ToHtmlAsync(code)));

    [Fact]
    public async Task A_cell_knows_what_earlier_cells_declared()
    {
        var colors = new CodeColors(".");
        await colors.ToHtmlAsync("class Net { public int Answer() => 42; }\nint Twice(int x) => 2 * x;");
        await colors.ToHtmlAsync("this does not ( compile");
        Assert.Equal(
            "[k:var] net = [k:new] [t:Net](); [m:Twice](net.[m:Answer]())",
            Marked(await colors.ToHtmlAsync("var net = new Net(); Twice(net.Answer())"))
        );
    }

    [Fact]
    public async Task A_cell_knows_what_is_referenced_by_path()
    {
        string library = typeof(CodeColorsTests).Assembly.Location;
        var colors = new CodeColors(Path.GetDirectoryName(library)!);
        string html = await colors.ToHtmlAsync(
            $"#r \"{Path.GetFileName(library)}\"\nusing AttentionLab.Kernel.Tests.Display;\nnew Chart()"
        );
        Assert.EndsWith("[k:new] [t:Chart]()", Marked(html), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("int x = ;; class { ≠ \"open\n'")]
    [InlineData("#r \"a.dll\"\n#!import b\n  x <y> & z")]
    [InlineData("")]
    [InlineData("\"\"\"\n  <b> {x}\n  \"\"\"\r\n\tint\u00a0y")]
    public async Task Colouring_changes_no_character(string code) =>
        Assert.Equal(code, Plain(await new CodeColors(".").ToHtmlAsync(code)));

    [Fact]
    public async Task Code_nested_too_deeply_for_the_compiler_stays_plain()
    {
        string code = new string('(', 20_000) + "1";
        Assert.Equal(code, await new CodeColors(".").ToHtmlAsync(code));
    }

    [Fact]
    public async Task A_notebook_of_a_hundred_cells_is_coloured_in_seconds()
    {
        var colors = new CodeColors(".");
        await colors.ToHtmlAsync("int value0 = 0;");
        long start = Stopwatch.GetTimestamp();
        for (int cell = 1; cell <= 100; cell++)
        {
            await colors.ToHtmlAsync(
                $"int value{cell} = value{cell - 1} + 1;\nvar list{cell} = Enumerable.Range(0, value{cell}).ToList();\n"
                    + $"foreach (var item in list{cell})\n{{\n    Console.WriteLine($\"{{item}}: {{value0}}\");\n}}"
            );
        }

        // A bound against work that is repeated for every earlier cell, not a speed.
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        TestContext.Current.TestOutputHelper?.WriteLine($"{took.TotalSeconds:f2} s");
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    private static string Marked(string html) =>
        WebUtility.HtmlDecode(Regex.Replace(html, "<span class=\"(.)\">(.*?)</span>", "[$1:$2]", RegexOptions.Singleline));

    private static string Plain(string html) => WebUtility.HtmlDecode(Regex.Replace(html, "<[^>]*>", ""));
}

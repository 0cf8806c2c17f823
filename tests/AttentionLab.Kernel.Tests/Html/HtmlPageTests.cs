using System.Text.RegularExpressions;

namespace AttentionLab.Kernel.Tests.Html;

public sealed partial class HtmlPageTests
{
    [Fact]
    public async Task A_page_holds_everything_and_loads_nothing()
    {
        using var workspace = new Workspace();
        workspace.Write("local.png", "not really a picture");
        workspace.Notebook(
            "a.ipynb",
            "md:# Title\n\n![far](https://example.org/far.png) ![near](local.png) [link](https://example.org/)\n\n## Part <b>",
            $"#r \"{typeof(Display.Chart).Assembly.Location}\"\nnew AttentionLab.Kernel.Tests.Display.Chart()",
            "Console.WriteLine(\"<script>alert('text')</script>\"); \"<img src=x onerror=alert(1)>\"",
            "Enumerable.Range(0, 2).Select(i => new { Name = \"<script>\", i })",
            "// <script>in code</script>\nthrow new Exception(\"<script>in error</script>\");"
        );

        Assert.Equal(1, await workspace.RunAll());
        string html = await File.ReadAllTextAsync(Path.Combine(workspace.Out, "a.html"), TestContext.Current.CancellationToken);
        string[] scripts = [.. Script().Matches(html).Select(match => match.Value)];
        string rest = Script().Replace(html, "");

        // The chart's data, plotly.js and the lines that draw; nothing that a cell wrote became a script.
        Assert.Equal(3, scripts.Length);
        Assert.Contains(scripts, script => script.Length > 3_000_000);
        Assert.DoesNotContain(
            scripts,
            script => script.Contains("alert(", StringComparison.Ordinal) && script.Length < 1_000_000
        );
        Assert.DoesNotContain("<script", rest, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(", rest, StringComparison.Ordinal);
        Assert.Contains("&lt;img src=x onerror", rest, StringComparison.Ordinal);

        Assert.DoesNotMatch("""<(script|img|link|iframe|source)\b[^>]*(src|href)\s*=\s*(?!["']?data:)""", rest);
        Assert.DoesNotMatch("""@import|url\(""", rest);
        Assert.Contains($"data:image/png;base64,{Display.Chart.Png}", rest, StringComparison.Ordinal);
        Assert.Contains("""<a href="https://example.org/far.png">far</a>""", rest, StringComparison.Ordinal);
        Assert.Contains("data:image/png;base64,bm90IHJlYWxseSBhIHBpY3R1cmU=", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plotly_is_not_in_a_page_without_a_chart()
    {
        using var workspace = new Workspace();
        workspace.Notebook("a.ipynb", "md:# A", "1 + 1");
        Assert.Equal(0, await workspace.RunAll());
        Assert.InRange(new FileInfo(Path.Combine(workspace.Out, "a.html")).Length, 1_000, 20_000);
    }

    [Fact]
    public async Task Headings_make_a_table_of_contents_and_links_lead_from_page_to_page()
    {
        using var workspace = new Workspace();
        workspace.Notebook(
            "a.ipynb",
            "md:# Course\n\n[up](#first-part) [next](b.ipynb) [far](https://example.org/c.ipynb)",
            "md:## First `part`!\n\n## 注意力\n\n## First part"
        );
        Assert.Equal(0, await workspace.RunAll());
        string html = await File.ReadAllTextAsync(Path.Combine(workspace.Out, "a.html"), TestContext.Current.CancellationToken);
        Assert.Contains("<a class=\"level2\" href=\"#first-part\">First part!</a>", html, StringComparison.Ordinal);
        Assert.Contains("<h2 id=\"first-part\">", html, StringComparison.Ordinal);
        Assert.Contains("<h2 id=\"first-part-again-1\">", html, StringComparison.Ordinal);
        Assert.Contains("<h2 id=\"注意力\">", html, StringComparison.Ordinal);
        Assert.Contains(
            "<a href=\"b.html\">next</a> <a href=\"https://example.org/c.ipynb\">far</a>",
            html,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(
        "int x = 1; // note",
        "<span class=\"k\">int</span> x = <span class=\"n\">1</span>; <span class=\"c\">// note</span>"
    )]
    [InlineData(
        "var net = new SeCnn();",
        "<span class=\"k\">var</span> net = <span class=\"k\">new</span> <span class=\"t\">SeCnn</span>();"
    )]
    [InlineData(
        "await F($\"a{b}\");",
        "<span class=\"k\">await</span> <span class=\"m\">F</span>(<span class=\"s\">$&quot;</span><span class=\"s\">a</span>{b}<span class=\"s\">&quot;</span>);"
    )]
    public void Code_is_coloured(string code, string html) =>
        Assert.Equal(html, AttentionLab.Kernel.Html.CodeColors.ToHtml(code));

    [Theory]
    [InlineData("int x = ;; class { ≠ \"open\n'")]
    [InlineData("#r \"a.dll\"\n#!import b\n  x <y> & z")]
    [InlineData("")]
    public void Colouring_changes_no_character(string code) =>
        Assert.Equal(
            code,
            System.Net.WebUtility.HtmlDecode(Regex.Replace(AttentionLab.Kernel.Html.CodeColors.ToHtml(code), "<[^>]*>", ""))
        );

    [GeneratedRegex("<script.*?</script>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Script();
}

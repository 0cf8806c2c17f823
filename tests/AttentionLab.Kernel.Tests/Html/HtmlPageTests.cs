using System.Text.RegularExpressions;

namespace AttentionLab.Kernel.Tests.Html;

public sealed partial class HtmlPageTests
{
    [Fact]
    public async Task A_page_holds_everything_but_plotly_which_lies_beside_it()
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
        Assert.Matches("^<script nonce=\"[0-9A-F]{32}\" src=\"plotly-2.28.0.min.js\"></script>$", scripts[1]);
        Assert.InRange(new FileInfo(Path.Combine(workspace.Out, "plotly-2.28.0.min.js")).Length, 3_000_000, 5_000_000);
        Assert.All(scripts, script => Assert.DoesNotContain("alert(", script, StringComparison.Ordinal));
        Assert.Contains("class=\"plot\" role=\"img\" aria-label=\"", rest, StringComparison.Ordinal);
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
    public async Task Only_scripts_of_cells_that_ran_here_may_run()
    {
        using var workspace = new Workspace();
        workspace.Write(
            "a.ipynb",
            """
            {"nbformat":4,"nbformat_minor":4,"metadata":{},"cells":[
              {"cell_type":"markdown","metadata":{},"source":"# T\n<script>fromMarkdown()</script><a href='javascript:fromLink()'>link</a>{onclick=fromAttribute()}"},
              {"cell_type":"code","metadata":{"tags":["skip-execution"]},"source":"1","execution_count":1,"outputs":[
                 {"output_type":"display_data","metadata":{},"data":{"text/html":"<b>kept</b><script>fromFile()</script>"}},
                 {"output_type":"error","ename":3},{"output_type":"stream","name":[],"text":7},null,{"output_type":"display_data","data":4}]},
              {"cell_type":"code","metadata":{},"source":"HTML(\"<div id='d'><script>fromCell()</script><b onclick='pressed()'>press</b>\")","execution_count":1,"outputs":[]},
              {"cell_type":"code","metadata":{},"source":"\"**bold**<script>fromOutput()</script>\".DisplayAs(\"text/markdown\");","execution_count":1,"outputs":[]}
            ]}
            """
        );

        Assert.Equal(0, await workspace.RunAll());
        string html = await File.ReadAllTextAsync(Path.Combine(workspace.Out, "a.html"), TestContext.Current.CancellationToken);

        Match policy = Regex.Match(html, """<meta http-equiv="Content-Security-Policy" content="([^"]*)">""");
        string nonce = Regex.Match(policy.Groups[1].Value, "script-src 'nonce-([0-9A-F]{32})' 'strict-dynamic'").Groups[1].Value;
        Assert.Equal(32, nonce.Length);
        string pressed = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData("pressed()"u8));
        Assert.Contains($"'unsafe-hashes' 'sha256-{pressed}'", policy.Groups[1].Value, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none'", policy.Groups[1].Value, StringComparison.Ordinal);
        Assert.Equal([$"<script nonce=\"{nonce}\">fromCell()</script>"], Script().Matches(html).Select(match => match.Value));
        foreach (string other in (string[])["fromMarkdown", "fromLink", "fromAttribute", "fromFile", "fromOutput"])
        {
            Assert.DoesNotContain($">{other}", html, StringComparison.Ordinal);
            Assert.DoesNotContain($":{other}", html, StringComparison.Ordinal);
            Assert.DoesNotContain($"=\"{other}", html, StringComparison.Ordinal);
        }

        Assert.Contains("<b>kept</b>", html, StringComparison.Ordinal);
        Assert.Contains("<strong>bold</strong>", html, StringComparison.Ordinal);
        string index = await File.ReadAllTextAsync(
            Path.Combine(workspace.Out, "index.html"),
            TestContext.Current.CancellationToken
        );
        Assert.Contains("content=\"default-src 'none'", index, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src", index, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_that_is_nested_without_end_is_shown_as_it_is_written()
    {
        using var workspace = new Workspace();
        workspace.Notebook(
            "a.ipynb",
            "md:" + new string('>', 5000) + " deep",
            "md:# Stars\n\n" + new string('*', 30_000) + "a" + new string('*', 30_000),
            "md:" + string.Concat(Enumerable.Repeat("<div>", 50_000)),
            "HTML(string.Concat(Enumerable.Repeat(\"<div>\", 50_000)))"
        );
        Assert.Equal(0, await workspace.RunAll());
        string html = await File.ReadAllTextAsync(Path.Combine(workspace.Out, "a.html"), TestContext.Current.CancellationToken);
        Assert.Contains("<pre>&gt;&gt;&gt;", html, StringComparison.Ordinal);
        Assert.Contains("<pre># Stars", html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"#stars\"", html, StringComparison.Ordinal);
        Assert.Contains("<pre>&lt;div&gt;&lt;div&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<div><div><div><div>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_picture_that_cannot_be_read_stays_a_link()
    {
        using var workspace = new Workspace();
        workspace.Notebook("a.ipynb", "md:![none](b%00.png) ![pipe](pipe.png) ![empty](empty.png)", "1");
        workspace.Write("empty.png", "");
        if (!OperatingSystem.IsWindows())
        {
            using var pipe = System.Diagnostics.Process.Start("mkfifo", [workspace.At("pipe.png")]);
            await pipe.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, await workspace.RunAll());
        string html = await File.ReadAllTextAsync(Path.Combine(workspace.Out, "a.html"), TestContext.Current.CancellationToken);
        Assert.Contains(">pipe</a>", html, StringComparison.Ordinal);
        Assert.Contains(">empty</a>", html, StringComparison.Ordinal);
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
            "md:[part](b.ipynb#part) [solved](solutions/a.ipynb) [a folder](solutions) [nowhere](c.ipynb) [no path](%00.ipynb)",
            "md:## First `part`!\n\n## 注意力\n\n## First part"
        );
        workspace.Notebook("b.ipynb", "md:# Next");
        workspace.Notebook("solutions/a.ipynb", "md:# Not run");
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
        string folder = Path.GetRelativePath(workspace.Out, workspace.Folder).Replace('\\', '/');
        Assert.Contains(
            $"<a href=\"b.html#part\">part</a> <a href=\"{folder}/solutions/a.ipynb\">solved</a> "
                + $"<a href=\"{folder}/solutions\">a folder</a> <a href=\"c.ipynb\">nowhere</a> <a href=\"%00.ipynb\">no path</a>",
            html,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Pages_lead_to_their_neighbours_and_to_themselves_in_another_language()
    {
        using var workspace = new Workspace();
        foreach (string folder in new[] { "", "zh/" })
        {
            string language = folder.Length > 0 ? "zh" : "en";
            workspace.Notebook($"{folder}1.ipynb", "md:# One & only", $"string UICulture = new(\"{language}\");");
            workspace.Notebook($"{folder}2.ipynb", "md:# Two\n\n## 学习 part", $"string UICulture = new(\"{language}\");");
            workspace.Notebook($"{folder}3.ipynb", "md:# Three", $"string UICulture = new(\"{language}\");");
        }

        Assert.Equal(0, await workspace.Run("run", workspace.Folder, workspace.At("zh"), "--out", workspace.At("out")));

        string english = Page(workspace, "2.html"),
            chinese = Page(workspace, "zh/2.html"),
            index = Page(workspace, "index.html");
        Assert.Contains("<html lang=\"en\">", english, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"zh-CN\">", chinese, StringComparison.Ordinal);
        Assert.Contains("<a lang=\"zh-CN\" hreflang=\"zh-CN\" href=\"zh/2.html\">中文</a>", english, StringComparison.Ordinal);
        Assert.Contains("<a lang=\"en\" hreflang=\"en\" href=\"../2.html\">English</a>", chinese, StringComparison.Ordinal);
        Assert.Contains("<a href=\"../index.html\">全部笔记与搜索</a>", chinese, StringComparison.Ordinal);
        Assert.Contains("<a rel=\"prev\" href=\"1.html\">← One &amp; only</a>", chinese, StringComparison.Ordinal);
        Assert.Contains("<a rel=\"next\" href=\"3.html\">Three →</a>", chinese, StringComparison.Ordinal);
        Assert.DoesNotContain("rel=\"prev\"", Page(workspace, "1.html"), StringComparison.Ordinal);
        Assert.DoesNotContain("rel=\"next\"", Page(workspace, "3.html"), StringComparison.Ordinal);
        Assert.Contains("<h1>Notebooks · 全部笔记</h1>", index, StringComparison.Ordinal);
        Assert.Contains("<table lang=\"zh-CN\">\n<thead><tr><th>标题</th><th>笔记</th>", index, StringComparison.Ordinal);
        Assert.Contains(
            "<a class=\"level2\" href=\"zh/2.html#%E5%AD%A6%E4%B9%A0-part\">学习 part</a>",
            index,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_list_of_an_edition_is_in_its_language()
    {
        using var workspace = new Workspace();
        string list = Path.Combine(workspace.Out, "index.html"),
            meanwhile = workspace.At("meanwhile.html");
        workspace.Notebook("1.ipynb", "md:# 一", "string UICulture = new(\"zh\");");
        workspace.Notebook(
            "2.ipynb",
            "md:# 二",
            $"string UICulture = new(\"zh\");\nSystem.IO.File.Copy(@\"{list}\", @\"{meanwhile}\");"
        );

        Assert.Equal(0, await workspace.RunAll());

        Assert.Contains("<footer>1.ipynb 运行用时 ", Page(workspace, "1.html"), StringComparison.Ordinal);
        Assert.Contains("<td>未运行</td>", await File.ReadAllTextAsync(meanwhile), StringComparison.Ordinal);
        string index = Page(workspace, "index.html");
        Assert.Contains("<html lang=\"zh-CN\">", index, StringComparison.Ordinal);
        Assert.Contains("<title>全部笔记</title>", index, StringComparison.Ordinal);
        Assert.Contains("<td class=\"ok\">已运行</td>", index, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_formula_as_a_value_is_set_on_the_page()
    {
        using var workspace = new Workspace();
        workspace.Notebook("a.ipynb", "(LaTeXString)@\"$\\alpha + 1$\"");
        Assert.Equal(0, await workspace.RunAll());
        Assert.Equal("$\\alpha + 1$", (string?)workspace.Outputs("a.ipynb", 1)[0]!["data"]!["text/latex"]);
        Assert.Contains("<mi>α</mi><mo>+</mo><mn>1</mn>", Page(workspace, "a.html"), StringComparison.Ordinal);
    }

    private static string Page(Workspace workspace, string name) => File.ReadAllText(Path.Combine(workspace.Out, name));

    [GeneratedRegex("<script.*?</script>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Script();
}

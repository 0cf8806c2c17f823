using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using AttentionLab.Kernel.Html;
using CsCheck;

namespace AttentionLab.Kernel.Tests.Html;

/// <summary>What Markdown may bring into a page: text, tables, pictures and links, and nothing that acts.</summary>
public sealed class SafeHtmlTests
{
    private const string Picture = "data:image/png;base64,AAAA";

    [Theory]
    [InlineData("<script>alert(1)</script>text", "text")]
    [InlineData("a<style>body{display:none}</style>b", "ab")]
    [InlineData("<iframe src=\"https://example.org\"></iframe>", "")]
    [InlineData("<meta http-equiv=\"refresh\" content=\"0;url=https://example.org\">", "")]
    [InlineData("<base href=\"https://example.org/\">", "")]
    [InlineData("<svg onload=alert(1)><text>x</text></svg>", "")]
    [InlineData("<math><mtext><img src=x onerror=alert(1)></mtext></math>", "")]
    [InlineData("<object data=\"x.swf\"></object><embed src=\"x\">", "")]
    [InlineData("<form action=\"https://example.org\"><button>press</button></form>", "press")]
    [InlineData("<input type=\"text\" value=\"password\">", "")]
    [InlineData(
        "<p onclick=\"alert(1)\" style=\"position:fixed;text-align:right\" class=\"chart\">a</p>",
        "<p style=\"text-align: right\">a</p>"
    )]
    [InlineData("<a href=\"javascript:alert(1)\">a</a>", "<a>a</a>")]
    [InlineData("<a href=\" java\nscript:alert(1)\">a</a>", "<a>a</a>")]
    [InlineData("<a href=\"vbscript:x\">a</a>", "<a>a</a>")]
    [InlineData("<a href=\"data:text/html,<script>alert(1)</script>\">a</a>", "<a>a</a>")]
    [InlineData("<a href=\"https://example.org/?a=1&amp;b=2\">a</a>", "<a href=\"https://example.org/?a=1&amp;b=2\">a</a>")]
    [InlineData("<a href=\"#part\">a</a>", "<a href=\"#part\">a</a>")]
    [InlineData("<a href=\"b.html\" target=\"_blank\" name=\"x\">a</a>", "<a href=\"b.html\">a</a>")]
    [InlineData("<img name=\"querySelectorAll\" src=\"near.png\">", "<img src=\"" + Picture + "\">")]
    [InlineData("<img src=\"near.png\" alt=\"a\" width=\"90\">", "<img src=\"" + Picture + "\" alt=\"a\" width=\"90\">")]
    [InlineData("<img src=\"https://example.org/a.png\" alt=\"far\">", "<a href=\"https://example.org/a.png\">far</a>")]
    [InlineData("<img src=x onerror=alert(1)>", "<a href=\"x\">x</a>")]
    [InlineData("<img src=\"data:text/html,x\">", "")]
    [InlineData("<font color=\"red\">a</font><section>b</section>", "ab")]
    [InlineData("<details open=\"\"><summary>s</summary>t</details>", "<details open=\"\"><summary>s</summary>t</details>")]
    [InlineData("<h2 id=\"注意力\">注意力</h2>", "<h2 id=\"注意力\">注意力</h2>")]
    [InlineData("</section></main><div>a", "<div>a</div>")]
    [InlineData("<!-- <script>alert(1)</script> -->a", "a")]
    [InlineData("<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>", "")]
    public void Only_text_tables_pictures_and_links_are_left(string html, string left) =>
        Assert.Equal(left, SafeHtml.Of(html, url => url == "near.png" ? Picture : null));

    [Fact]
    public void A_task_list_keeps_its_boxes() =>
        Assert.Contains(
            "<input type=\"checkbox\" checked=\"\" disabled=\"\">",
            SafeHtml.Of("<ul><li><input type=\"checkbox\" checked=\"\"> done</li></ul>", _ => null),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("<div>", 100_000)]
    [InlineData("<b>", 20_000)]
    [InlineData("<ul><li>", 20_000)]
    public void What_is_nested_without_end_is_shown_as_it_is_written(string piece, int times)
    {
        string html = string.Concat(Enumerable.Repeat(piece, times));
        Assert.StartsWith("<pre>&lt;", SafeHtml.Of(html, _ => null), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_that_acts_is_left_of_any_mixture()
    {
        string[] pieces =
        [
            "<script>",
            "</script>",
            "<svg>",
            "</svg>",
            "<math>",
            "<mtext>",
            "<style>",
            "</style>",
            "<img src=x onerror=alert(1)>",
            "<a href=",
            "'javascript:alert(1)'",
            "\"",
            ">",
            "<",
            "<p title='",
            "-->",
            "<!--",
            "<noscript>",
            "</noscript>",
            "<textarea>",
            "</textarea>",
            "<table>",
            "<td onmouseover=alert(1)>",
            "<template>",
            "<iframe srcdoc='<script>'>",
            "<base href=//x>",
            "<form>",
            "<input>",
            "]]>",
            "<![CDATA[",
            "<foreignObject>",
            "<b style='background:url(javascript:1)'>",
            "text",
        ];
        Gen.Int[0, pieces.Length - 1]
            .Array[1, 12]
            .Sample(
                mixture =>
                {
                    string left = SafeHtml.Of(string.Concat(mixture.Select(i => pieces[i])), _ => null);
                    IElement body = new HtmlParser().ParseDocument("").Body!;
                    body.InnerHtml = left;
                    return body.QuerySelectorAll("*")
                        .All(element =>
                            element.LocalName
                                is not (
                                    "script"
                                    or "style"
                                    or "svg"
                                    or "math"
                                    or "iframe"
                                    or "base"
                                    or "form"
                                    or "template"
                                    or "meta"
                                )
                            && element.Attributes.All(attribute =>
                                !attribute.Name.StartsWith("on", StringComparison.OrdinalIgnoreCase)
                                && !(attribute.Name is "href" or "src" or "cite" && Runs(attribute.Value))
                            )
                        );
                },
                iter: 3000,
                threads: 1
            );
    }

    /// <summary>Whether a browser runs what an address says: by the URL standard's own reading of its scheme.</summary>
    private static bool Runs(string address) =>
        new Url(new Url("https://example.org/"), address).Scheme is not ("http" or "https" or "mailto");

    [Theory]
    [InlineData("javascript:alert(1)", true)]
    [InlineData(" java\nscript:alert(1)", true)]
    [InlineData("</script>'javascript:alert(1)'", false)] // A relative address: its first character cannot begin a scheme.
    public void An_address_runs_by_its_scheme(string address, bool runs) => Assert.Equal(runs, Runs(address));
}

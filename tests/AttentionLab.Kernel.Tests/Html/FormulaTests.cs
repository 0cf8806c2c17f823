using System.Diagnostics;
using System.Xml.Linq;
using AttentionLab.Kernel.Html;

namespace AttentionLab.Kernel.Tests.Html;

public sealed class FormulaTests
{
    private static readonly XNamespace MathMl = "http://www.w3.org/1998/Math/MathML";

    [Fact]
    public void A_fraction_is_a_numerator_over_a_denominator()
    {
        XElement fraction = Root(Formula.ToHtml(@"\frac{a}{b}", display: false)).Descendants(MathMl + "mfrac").Single();
        Assert.Equal(["a", "b"], fraction.Elements().Select(part => part.Value));
    }

    [Fact]
    public void A_display_says_so_and_the_source_stays_readable()
    {
        XElement math = Root(Formula.ToHtml(@"\sum_j e^{z_j}", display: true)).DescendantsAndSelf(MathMl + "math").Single();
        Assert.Equal("block", math.Attribute("display")?.Value);
        Assert.Equal(@"\sum_j e^{z_j}", math.Descendants(MathMl + "annotation").Single().Value);
    }

    [Theory]
    [InlineData(@"-\ln p", 1)]
    [InlineData(@"\max m - \min m", 2)]
    [InlineData(@"\max(0, x)", 0)]
    public void A_function_and_an_argument_without_brackets_are_apart(string tex, int spaces) =>
        Assert.Equal(spaces, Root(Formula.ToHtml(tex, display: false)).Descendants(MathMl + "mspace").Count());

    [Theory]
    [InlineData(@"\frac{a", false, @"<code>$\frac{a$</code>")]
    [InlineData(@"\unknown <b>", true, @"<code>$$\unknown &lt;b&gt;$$</code>")]
    public void What_is_no_TeX_is_shown_as_it_is_written(string tex, bool display, string html) =>
        Assert.Equal(html, Formula.ToHtml(tex, display));

    [Theory]
    [InlineData(@"\def\a{\a\a}\a")]
    [InlineData(
        @"\def\a{xxxxxxxxxx}\def\b{\a\a\a\a\a\a\a\a\a\a}\def\c{\b\b\b\b\b\b\b\b\b\b}\def\d{\c\c\c\c\c\c\c\c\c\c}\d\d\d\d\d\d\d\d\d\d"
    )]
    public void A_formula_that_grows_without_end_is_given_up(string tex)
    {
        Formula.ToHtml("x", display: false);
        var watch = Stopwatch.StartNew();
        Assert.StartsWith("<code>", Formula.ToHtml(tex, display: false), StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 30);
        Assert.Contains("<mi>x</mi>", Formula.ToHtml("x", display: false), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the side $n$, and", "</math></span>,</span> and")]
    [InlineData("准确率 $p$，它", "</math></span>，</span>它")]
    [InlineData("准确率 $p$ ，它", "</math></span>，</span>它")]
    [InlineData("准确率 $p$ 是", "</math></span> 是")]
    public void No_line_begins_with_what_closes_a_formula(string markdown, string html) =>
        Assert.Contains(html, new MarkdownPart(".").ToHtml(markdown, null), StringComparison.Ordinal);

    /// <summary>On a thread with little stack: an overflow would end the process, here as in <c>run</c>.</summary>
    [Theory]
    [InlineData("{", "}")]
    [InlineData("^{", "}")]
    [InlineData(@"\sqrt{", "}")]
    [InlineData(@"\frac{1}{", "}")]
    [InlineData(@"\left(", @"\right)")]
    public void Deep_nesting_is_given_up(string open, string close)
    {
        int depth = 9_900 / (open.Length + close.Length);
        string deep = string.Concat(Enumerable.Repeat(open, depth)) + "x" + string.Concat(Enumerable.Repeat(close, depth)),
            html = "";
        var thread = new Thread(() => html = Formula.ToHtml(deep, display: false), maxStackSize: 256 << 10);
        thread.Start();
        thread.Join();
        Assert.Contains("x", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_formula_is_shown_as_it_is_written() =>
        Assert.StartsWith("<code>", Formula.ToHtml(new string('x', 10_001), display: false), StringComparison.Ordinal);

    [Theory]
    [InlineData(@"\href{javascript:alert(1)}{x}")]
    [InlineData(@"\htmlStyle{position:fixed}{x}")]
    [InlineData(@"\includegraphics{https://example.org/x.png}")]
    [InlineData(@"\text{<script>alert(1)</script>}")]
    public void A_formula_brings_no_links_styles_pictures_or_scripts(string tex)
    {
        string html = new MarkdownPart(".").ToHtml($"${tex}$", null);
        Assert.DoesNotContain("href=", WithoutSource(html), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("position:fixed", WithoutSource(html), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Formulas_stand_where_the_text_has_them()
    {
        string html = new MarkdownPart(".").ToHtml(
            "# Loss $L$\n\nThe *loss* $L = -\\ln p_t$ is:\n\n$$\nL = 0\n$$\n\nand `$x$` is code.",
            null
        );
        Assert.Equal(3, html.Split("<math").Length - 1);
        Assert.Contains("<em>loss</em> <span class=\"katex\"><math", html, StringComparison.Ordinal);
        Assert.Contains("display=\"block\"", html, StringComparison.Ordinal);
        Assert.Contains("<code>$x$</code>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("formula-", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<math", new MarkdownPart(".").ToHtml("<math><mi>x</mi></math>", null), StringComparison.Ordinal);
    }

    private static XElement Root(string html) => XElement.Parse(html);

    /// <summary>The annotation holds the formula's source as text.</summary>
    private static string WithoutSource(string html) =>
        System.Text.RegularExpressions.Regex.Replace(html, "<annotation.*?</annotation>|<code>.*?</code>", "");
}

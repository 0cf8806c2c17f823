using System.Globalization;
using System.Text.RegularExpressions;
using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Reports;
using AttentionLab.Tests.Figures;
using SkiaSharp;

namespace AttentionLab.Tests.Reports;

public sealed partial class ExplanationPageTests
{
    private static readonly CultureInfo English = new("en-US"),
        Chinese = new("zh-CN");

    [Fact]
    public void It_says_what_the_network_says_how_sure_it_is_and_whether_it_is_right()
    {
        string html = Page(
            English,
            Cat(0.87) with
            {
                TrueClass = "dog",
                Alternatives = [("dog", 0.1), ("frog", 0.001)],
            },
            Cat(0.999) with
            {
                TrueClass = "cat",
            },
            Cat(0.5) with
            {
                ExplainedClass = "frog",
            }
        );
        Assert.Contains("The network says: <strong>cat</strong>", html, StringComparison.Ordinal);
        Assert.Contains("It is fairly sure: 87 %.", html, StringComparison.Ordinal);
        Assert.Contains("That is wrong: it is dog.", html, StringComparison.Ordinal);
        Assert.Contains("It also thought of: dog (10 %), frog (&lt; 1 %).", html, StringComparison.Ordinal);
        Assert.Contains(
            "It is very sure: &gt; 99 %.",
            html.Replace("> 99", "&gt; 99", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
        Assert.Contains("That is right.", html, StringComparison.Ordinal);
        Assert.Contains("The maps show what speaks for “frog”.", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_reverses_the_direction_of_writing_misleads_nobody()
    {
        string html = Page(English, Cat(0.5) with { Name = "cat\u202Egnp.exe", PredictedClass = "dog\u2066" });
        Assert.Contains("cat?gnp.exe", html, StringComparison.Ordinal);
        Assert.DoesNotContain(html, letter => letter is '\u202E' or '\u2066');
    }

    [Fact]
    public void It_speaks_Chinese()
    {
        string html = Page(Chinese, Cat(0.3));
        Assert.Contains("<html lang=\"zh\">", html, StringComparison.Ordinal);
        Assert.Contains("网络的回答：<strong>cat</strong>", html, StringComparison.Ordinal);
        Assert.Contains("它只是在猜：30 %。", html, StringComparison.Ordinal);
        Assert.DoesNotContain("network", html, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_whole_loads_nothing_and_runs_nothing()
    {
        string html = Page(English, Cat(0.5) with { Name = "<script>alert(1)</script>\" onload=\"" });
        Assert.DoesNotContain("http", html.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("\" onload=\"", html, StringComparison.Ordinal);
        string[] sources = [.. Source().Matches(html).Select(match => match.Groups[1].Value)];
        Assert.Equal(3, sources.Length);
        Assert.All(sources, source => Assert.StartsWith("data:image/png;base64,", source, StringComparison.Ordinal));

        // The picture, then the map over it: jet's red and blue half and half with grey.
        using SKBitmap picture = SKBitmap.Decode(Convert.FromBase64String(sources[0]["data:image/png;base64,".Length..]));
        using SKBitmap overlay = SKBitmap.Decode(Convert.FromBase64String(sources[1]["data:image/png;base64,".Length..]));
        Assert.Equal(new SKColor(100, 100, 100), picture.GetPixel(0, 0));
        Assert.Equal(new SKColor(114, 50, 50), overlay.GetPixel(1, 0));
        Assert.Equal(new SKColor(50, 50, 114), overlay.GetPixel(0, 0));
    }

    [Fact]
    public void A_map_tells_where_it_is_highest_or_that_it_is_blank()
    {
        string html = Page(
            English,
            Cat(
                0.5,
                new ExplainedMap(
                    "grad-cam",
                    new float[,]
                    {
                        { 0, 0, 0 },
                        { 0, 0, 0 },
                        { 0, 0, 1 },
                    }
                ),
                new ExplainedMap("own-method", new float[3, 3]) { Layer = "conv3", Channel = 7 }
            )
        );
        Assert.Contains("Grad-CAM: counted most at the bottom right.", html, StringComparison.Ordinal);
        Assert.Contains("own-method &#183; conv3 &#183; Channel 7", html, StringComparison.Ordinal);
        Assert.Contains("this method found nothing here", html, StringComparison.Ordinal);
        Assert.Contains("<dt>Grad-CAM</dt>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<dt>own-method</dt>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_method_is_told_in_plain_words() => Assert.Empty(ExplanationMethods.Names.Except(MethodText.Names));

    [Fact]
    public void Figures_and_facts_stand_at_its_end_and_it_is_saved()
    {
        var page = new ExplanationPage(Cat(1))
        {
            Culture = English,
            Figures = [new ImageGrid([Pixels.Plain(1, 1, 0, 0, 0)]) { Title = "The grid" }],
            Facts = ["SeCnn & co"],
        };
        string path = Path.Combine(Directory.CreateTempSubdirectory("attentionlab-page-").FullName, "below", "page.html");
        page.Save(path);
        string html = File.ReadAllText(path);
        Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(path))!, recursive: true);
        Assert.Equal(page.ToHtml(), html);
        Assert.Contains("SeCnn &amp; co", html, StringComparison.Ordinal);
        Assert.Contains(
            "The grid",
            html[html.IndexOf("For those who want to know more", StringComparison.Ordinal)..],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Bad_pictures_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ExplanationPage());
        Assert.Throws<ArgumentException>(() => new ExplanationPage(Cat(1.1)));
        Assert.Throws<ArgumentException>(() => new ExplanationPage(Cat(double.NaN)));
        Assert.Throws<ArgumentException>(() => new ExplanationPage(Cat(1, new ExplainedMap("grad-cam", new float[8, 8]))));
    }

    private static string Page(CultureInfo culture, params ExplainedImage[] pictures) =>
        new ExplanationPage(pictures) { Culture = culture }.ToHtml();

    private static ExplainedImage Cat(double confidence, params ExplainedMap[] maps) =>
        maps.Length > 0
            ? new(Pixels.Plain(3, 3, 100, 100, 100), "cat", confidence, maps)
            : new(
                Pixels.Plain(1, 2, 100, 100, 100),
                "cat",
                confidence,
                new ExplainedMap(
                    "grad-cam",
                    new float[,]
                    {
                        { 0, 1 },
                    }
                ),
                new ExplainedMap(
                    "occlusion",
                    new float[,]
                    {
                        { 1, 0 },
                    }
                )
            );

    [GeneratedRegex("src=\"([^\"]*)\"")]
    private static partial Regex Source();
}

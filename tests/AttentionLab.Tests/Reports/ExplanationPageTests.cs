using System.Globalization;
using System.Text.RegularExpressions;
using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Imaging;
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

    /// <summary>Noise is the heaviest of maps, and half of the methods make it.</summary>
    [Fact]
    public void Fifteen_maps_of_a_photograph_weigh_little_and_show_the_maps_colours()
    {
        const int height = 480,
            width = 640;
        var rgb = new byte[3 * height * width];
        var noise = new float[height, width];
        var smooth = new float[height, width];
        for (int p = 0; p < height * width; p++)
        {
            (int y, int x) = Math.DivRem(p, width);
            noise[y, x] = (float)Fixture.Uniform(2, (uint)p);
            smooth[y, x] = (float)Math.Exp(-(Math.Pow((y - 200) / 90.0, 2) + Math.Pow((x - 400) / 120.0, 2)));
            for (int c = 0; c < 3; c++)
            {
                double wave = Math.Sin((x + (40 * c)) / 23.0) * Math.Cos(y / 31.0);
                rgb[(3 * p) + c] = (byte)(128 + (70 * wave) + (50 * (Fixture.Uniform(3, (uint)((3 * p) + c)) - 0.5)));
            }
        }

        var photograph = new Image(height, width, rgb);
        ExplainedMap[] maps = [.. Enumerable.Range(0, 15).Select(k => new ExplainedMap("grad-cam", k % 2 == 0 ? noise : smooth))];
        string html = Page(English, new ExplainedImage(photograph, "cat", 0.9, maps));
        Assert.InRange(html.Length, 100_000, 1_500_000);

        // The smooth map, reduced as the page does. WebP smooths the photograph's noise; 32 dB are a difference of 6 of 255.
        string source = Source().Matches(html)[2].Groups[1].Value;
        using SKBitmap shown = SKBitmap.Decode(Convert.FromBase64String(source["data:image/webp;base64,".Length..]));
        Image expected = ImageFile.Within(photograph.Blend(smooth), 384);
        Assert.Equal((288, 384), (shown.Height, shown.Width));
        double error = 0;
        for (int p = 0; p < 288 * 384; p++)
        {
            SKColor color = shown.GetPixel(p % 384, p / 384);
            ReadOnlySpan<byte> wanted = expected.Rgb.AsSpan(3 * p, 3);
            error +=
                Math.Pow(color.Red - wanted[0], 2) + Math.Pow(color.Green - wanted[1], 2) + Math.Pow(color.Blue - wanted[2], 2);
        }

        double decibels = 10 * Math.Log10(255.0 * 255 / (error / (3 * 288 * 384)));
        Assert.True(decibels > 32, $"{decibels:f1} dB");
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

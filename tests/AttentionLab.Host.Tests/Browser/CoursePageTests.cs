using Microsoft.Playwright;

namespace AttentionLab.Host.Tests.Browser;

/// <summary>The course's pages as a reader meets them: as files, with the network off.</summary>
public sealed class CoursePageTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Headings_are_found_pages_lead_on_and_charts_draw_without_a_network()
    {
        using var workspace = new Workspace();
        workspace.Notebook("1.ipynb", "md:# One\n\n## Padding and stride\n\n## Pooling", "1");
        workspace.Notebook(
            "2.ipynb",
            "md:# Two\n\n## Loss\n\n## Padding again",
            $"#r \"{Workspace.Library}\"\nusing AttentionLab.Figures;\n"
                + "new LineChart(new LineSeries(\"a\", [1, 2], [3, 4])) "
                + "{ Title = \"A title that is too long for a telephone's narrow page\" }"
        );
        Assert.True(await workspace.RunAll() == 0, workspace.Error);
        await using Tab tab = await chromium.OpenAsync(offline: true);
        IPage page = tab.Page;
        await page.GotoAsync(new Uri(Path.Combine(workspace.Out, "index.html")).AbsoluteUri);

        await page.Locator("input[type=search]").FillAsync("padding");
        Assert.Equal(["Padding and stride", "Padding again"], await page.Locator(".headings a:visible").AllTextContentsAsync());
        await page.Locator("input[type=search]").FillAsync("pool");
        Assert.Equal(["Pooling"], await page.Locator(".headings a:visible").AllTextContentsAsync());

        // By keyboard: from the box to what it found, there to the text, and on to the next page.
        await page.Locator(".headings a:visible").PressAsync("Enter");
        await page.WaitForURLAsync("**/1.html#pooling", new() { WaitUntil = WaitUntilState.Commit });
        await page.Locator("a[rel=next]").PressAsync("Enter");
        await page.WaitForURLAsync("**/2.html", new() { WaitUntil = WaitUntilState.Commit });
        await page.Locator(".plot .main-svg").First.WaitForAsync();
        Assert.Equal(0, await page.EvaluateAsync<double>(PaperBesideTheChart), 1.0);
        await page.SetViewportSizeAsync(400, 800);
        await page.ReloadAsync();
        await page.Locator(".plot .main-svg").First.WaitForAsync();
        Assert.InRange(
            await page.EvaluateAsync<double>("document.querySelector('.gtitle').getBoundingClientRect().width"),
            100,
            368
        );
        await page.SetViewportSizeAsync(1200, 800);
        Assert.Contains("a", await page.GetByRole(AriaRole.Img).First.GetAttributeAsync("aria-label"), StringComparison.Ordinal);
        Assert.Empty(tab.Errors);
        Assert.All(tab.Requests, url => Assert.StartsWith("file://", url, StringComparison.Ordinal));

        // Where the script is missing, the chart is a picture.
        File.Delete(Path.Combine(workspace.Out, "plotly-2.28.0.min.js"));
        await page.ReloadAsync();
        Assert.True(await page.Locator(".still img").IsVisibleAsync());
    }

    /// <summary>A wide figure keeps a readable size and is scrolled in its place; a small one is shown whole.</summary>
    [Fact]
    public async Task On_a_telephone_figures_stay_readable_and_pages_as_wide_as_the_screen()
    {
        using var workspace = new Workspace();
        workspace.Notebook(
            "1.ipynb",
            "md:# One\n\n$$y = a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a$$",
            $"#r \"{Workspace.Library}\"\nusing AttentionLab.Figures; using AttentionLab.Imaging;\n"
                + "ImageGrid Grid(int n) => new([.. Enumerable.Range(0, n).Select(_ => new Image(8, 8, new byte[192]))]) "
                + "{ TileSize = 96, Columns = n };\n"
                + "display(Grid(12));\ndisplay(Grid(2));"
        );
        Assert.True(await workspace.RunAll() == 0, workspace.Error);
        await using Tab tab = await chromium.OpenAsync(offline: true);
        IPage page = tab.Page;
        await page.SetViewportSizeAsync(400, 800);
        await page.GotoAsync(new Uri(Path.Combine(workspace.Out, "1.html")).AbsoluteUri);

        double[] shares = await page.EvaluateAsync<double[]>(
            "[...document.images].map(image => image.getBoundingClientRect().width / image.naturalWidth)"
        );
        Assert.Equal(2, shares.Length);
        Assert.Equal(0.375, shares[0], 0.001);
        Assert.InRange(shares[1], 0.5, 1);
        Assert.Equal(400, await page.EvaluateAsync<double>("document.documentElement.scrollWidth"));
    }

    // Paper is white, the page perhaps dark.
    private const string PaperBesideTheChart = """
        () => {
            const plot = document.querySelector('.plot');
            return plot.clientWidth - plot.querySelector('.main-svg').getBoundingClientRect().width;
        }
        """;
}

using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Explore;
using AttentionLab.Host.Exploring;
using AttentionLab.Imaging;
using AttentionLab.Models;
using Microsoft.Playwright;

namespace AttentionLab.Host.Tests.Browser;

/// <summary>The page of <c>explore</c> as a reader drives it.</summary>
public sealed class ExplorePageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private readonly Workspace _workspace = new();
    private readonly DataSet _set = ShapeSet.Create(1, 8);
    private TrainedNetwork _attention = null!,
        _plain = null!;
    private ExploreRequests _requests = null!;
    private ExploreServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _attention = new(AttentionLab.Tests.Fixture.WithFormulaWeights(new SeCnn()), _set.ClassNames, _set.Preprocessing);
        _plain = new(AttentionLab.Tests.Fixture.WithFormulaWeights(new Cnn()), _set.ClassNames, _set.Preprocessing);
        _requests = new ExploreRequests(
            [
                new("with attention", "TrainedNetwork.Load(\"se\")", new Exploration(_attention)),
                new("plain", "TrainedNetwork.Load(\"plain\")", new Exploration(_plain)),
            ],
            PictureSource.Of(_set.Test)
        );
        _server = await ExploreServer.StartAsync(_requests, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _requests.Dispose();
        _attention.Dispose();
        _plain.Dispose();
        _workspace.Dispose();
    }

    [Fact]
    public async Task A_dropped_picture_is_explained_with_the_librarys_values()
    {
        await using Tab tab = await chromium.OpenAsync();
        IPage page = tab.Page;
        await page.GotoAsync(_server.Address);
        await MapAsync(page, "grad-cam (ca3)");
        Image picture = _set.Test.PictureOf(5);
        await DropAsync(page, picture);
        await Assertions.Expect(page.Locator(".says").First).Not.ToContainTextAsync("true:");

        ILocator network = page.Locator(".network").First;
        int index = _attention.Predict(picture).Classes[2].Index;
        await network.Locator($".bar[data-class='{index}']").ClickAsync();
        await network.Locator("select[name=layer]").SelectOptionAsync("ca2");
        await page.Locator("select[name=right]").SelectOptionAsync("hires-cam");
        await MapAsync(page, $"hires-cam (ca2)");
        await Assertions
            .Expect(network.Locator("canvas").First)
            .ToHaveAttributeAsync(
                "aria-label",
                new System.Text.RegularExpressions.Regex($"hires-cam \\(ca2\\) for {_set.ClassNames[index]}")
            );
        await network.Locator(".stage canvas").FocusAsync();
        await page.Keyboard.PressAsync("ArrowDown");

        Heatmap first = new Exploration(_attention).Explain(picture, "grad-cam", index, "ca2")[0].Place(32, 32),
            second = new Exploration(_attention).Explain(picture, "hires-cam", index, "ca2")[0].Place(32, 32);
        Assert.Equal(first[1, 0], await ValueAsync(network, 0));
        Assert.Equal(second[1, 0], await ValueAsync(network, 1));
        await tab.ShootAsync("page-1400-light");
        Assert.Empty(tab.Errors);
        Assert.All(tab.Requests, url => Assert.StartsWith(new Uri(_server.Address).GetLeftPart(UriPartial.Authority), url));
    }

    [Fact]
    public async Task A_region_brushed_away_changes_the_prediction_as_the_library_says()
    {
        await using Tab tab = await chromium.OpenAsync();
        IPage page = tab.Page;
        await page.GotoAsync(_server.Address);
        await MapAsync(page, "grad-cam (ca3)");
        ILocator network = page.Locator(".network").First;
        Prediction before = _attention.Predict(_set.Test.PictureOf(0));

        await page.Locator("#brush").ClickAsync();
        LocatorBoundingBoxResult box = (await network.Locator(".stage canvas").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (box.Width * 0.2f), box.Y + (box.Height * 0.5f));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + (box.Width * 0.8f), box.Y + (box.Height * 0.5f), new() { Steps = 12 });
        await page.Mouse.UpAsync();
        await network.Locator(".bar .share", new() { HasText = "(" }).First.WaitForAsync();

        // The same region, read from what is drawn: the network's mean colour.
        byte[] mean = HiddenRegion.MeanColor(_attention);
        int[] pixels = await network
            .Locator(".stage canvas")
            .EvaluateAsync<int[]>(
                "canvas => { const range = document.querySelector('[name=opacity]'); range.value = 0; range.dispatchEvent(new Event('input')); "
                    + "return [...canvas.getContext('2d').getImageData(0, 0, 32, 32).data]; }"
            );
        byte[] mask =
        [
            .. Enumerable
                .Range(0, 32 * 32)
                .Select(p => (byte)(mean.Index().All(c => pixels[(4 * p) + c.Index] == c.Item) ? 1 : 0)),
        ];
        Assert.InRange(mask.Sum(value => value), 50, 900);
        Prediction after = _attention.Predict(HiddenRegion.Of(_set.Test.PictureOf(0), mask, 32, 32, _attention));
        string shown = (await network.Locator($".bar[data-class='{before.Best.Index}'] .share").TextContentAsync())!;
        double change = after.Of(before.Best.Index).Probability - before.Best.Probability;
        Assert.StartsWith(
            string.Create(CultureInfo.InvariantCulture, $"{100 * after.Of(before.Best.Index).Probability:0.0} %"),
            shown,
            StringComparison.Ordinal
        );
        Assert.Contains(change < 0 ? "(−" : "(+", shown, StringComparison.Ordinal);

        await page.Locator("#unhide").ClickAsync();
        await Assertions.Expect(network.Locator(".bar .share", new() { HasText = "(" })).ToHaveCountAsync(0);
        Assert.Empty(tab.Errors);
    }

    [Fact]
    public async Task A_slow_method_shows_progress_and_stops_and_bad_files_are_told()
    {
        await using Tab tab = await chromium.OpenAsync(width: 400, dark: true);
        IPage page = tab.Page;
        await page.GotoAsync(_server.Address);
        await MapAsync(page, "grad-cam (ca3)");
        await page.RouteAsync("**/explain?*method=score-cam*", route => Task.CompletedTask); // an answer that never comes
        await page.Locator("select[name=left]").SelectOptionAsync("score-cam");
        ILocator stop = page.Locator(".network .stop").First;
        await stop.ClickAsync();
        await Assertions.Expect(stop).ToBeHiddenAsync();
        await page.Locator("select[name=left]").SelectOptionAsync("layer-cam");
        await MapAsync(page, "layer-cam (ca3)");

        await page.SetInputFilesAsync(
            "#file",
            new FilePayload
            {
                Name = "notes.txt",
                MimeType = "text/plain",
                Buffer = "no picture"u8.ToArray(),
            }
        );
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync("notes.txt is not a picture that can be read");
        await page.Locator("#find").ClickAsync();
        await page.Locator(".mistake").First.WaitForAsync();
        await page.Locator("select[name=left]").SelectOptionAsync("eigen-cam");
        await MapAsync(page, "eigen-cam (ca3)");
        await tab.ShootAsync("page-400-dark");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));

        await page.Locator("#language").ClickAsync();
        await Assertions.Expect(page.Locator("#brush")).ToHaveTextAsync("涂掉一块区域");
        Assert.DoesNotContain(tab.Errors, error => !error.Contains("400", StringComparison.Ordinal));
    }

    private static Task MapAsync(IPage page, string legend) =>
        Assertions.Expect(page.Locator(".network .legend").First).ToContainTextAsync(legend);

    private static async Task<float> ValueAsync(ILocator network, int map) =>
        (float)
            double.Parse(
                (await network.Locator($".values [data-map='{map}']").GetAttributeAsync("data-value"))!,
                CultureInfo.InvariantCulture
            );

    private async Task DropAsync(IPage page, Image picture)
    {
        PngFile.Save(picture, _workspace.At("dropped.png"));
        string base64 = Convert.ToBase64String(await File.ReadAllBytesAsync(_workspace.At("dropped.png")));
        await page.EvaluateAsync(
            """
            base64 => {
              const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0)), data = new DataTransfer();
              data.items.add(new File([bytes], 'dropped.png', { type: 'image/png' }));
              document.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
            }
            """,
            base64
        );
    }
}

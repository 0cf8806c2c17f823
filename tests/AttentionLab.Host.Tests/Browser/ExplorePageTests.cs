using System.Globalization;
using System.Text.RegularExpressions;
using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Explore;
using AttentionLab.Figures;
using AttentionLab.Host.Commands;
using AttentionLab.Host.Exploring;
using AttentionLab.Host.Tests.Exploring;
using AttentionLab.Imaging;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using AttentionLab.Models;
using Microsoft.Playwright;
using TorchSharp;

namespace AttentionLab.Host.Tests.Browser;

/// <summary>The page of <c>explore</c> as a reader drives it.</summary>
public sealed class ExplorePageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private readonly Workspace _workspace = new();
    private readonly DataSet _set = ShapeSet.Create(1, 8);

    // The served ones have hooks in them while they answer; what is expected is asked of others with the same weights.
    private TrainedNetwork _attention = null!,
        _plain = null!,
        _servedAttention = null!,
        _servedPlain = null!;
    private ExploreRequests _requests = null!;
    private ExploreServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _attention = new(AttentionLab.Tests.Fixture.WithFormulaWeights(new SeCnn()), _set.ClassNames, _set.Preprocessing);
        _plain = new(AttentionLab.Tests.Fixture.WithFormulaWeights(new Cnn()), _set.ClassNames, _set.Preprocessing);
        _servedAttention = new(AttentionLab.Tests.Fixture.WithFormulaWeights(new SeCnn()), _set.ClassNames, _set.Preprocessing);
        _servedPlain = new(AttentionLab.Tests.Fixture.WithFormulaWeights(new Cnn()), _set.ClassNames, _set.Preprocessing);
        _attention.Save(_workspace.At("se.safetensors"));
        _requests = new ExploreRequests(
            [
                new(
                    "with attention",
                    NetworkArguments.ExpressionOf(_workspace.At("se.safetensors"), "se"),
                    new Exploration(_servedAttention)
                ),
                new("plain", "TrainedNetwork.Load(\"plain\")", new Exploration(_servedPlain)),
            ],
            PictureSource.Of(_set.Test, DataSets.Shapes)
        );
        _server = await ExploreServer.StartAsync(_requests, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _requests.Dispose();
        foreach (TrainedNetwork network in (TrainedNetwork[])[_attention, _plain, _servedAttention, _servedPlain])
        {
            network.Dispose();
        }

        _workspace.Dispose();
    }

    /// <summary>A tab in which the first map is drawn.</summary>
    private async Task<Tab> OpenAsync()
    {
        Tab tab = await chromium.OpenAsync();
        await tab.Page.GotoAsync(_server.Address);
        await MapAsync(tab.Page, "grad-cam (ca3)");
        return tab;
    }

    [Fact]
    public async Task A_dropped_picture_is_explained_with_the_librarys_values()
    {
        await using Tab tab = await OpenAsync();
        IPage page = tab.Page;
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
            .ToHaveAttributeAsync("aria-label", new Regex($"hires-cam \\(ca2\\) for {_set.ClassNames[index]}"));
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
        await using Tab tab = await OpenAsync();
        IPage page = tab.Page;
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
    public async Task Bad_files_are_told_mistakes_are_found_and_the_page_speaks_Chinese()
    {
        await using Tab tab = await chromium.OpenAsync(width: 400, dark: true);
        IPage page = tab.Page;
        await page.GotoAsync(_server.Address);
        await MapAsync(page, "grad-cam (ca3)");
        foreach ((string name, byte[] bytes, string sentence) in BadFiles())
        {
            await page.SetInputFilesAsync(
                "#file",
                new FilePayload
                {
                    Name = name,
                    MimeType = "image/png",
                    Buffer = bytes,
                }
            );
            await Assertions.Expect(page.Locator("#message")).ToContainTextAsync(sentence);
        }

        await page.EvaluateAsync(
            """
            bytes => {
              const data = new DataTransfer();
              data.items.add(new File([new Uint8Array(bytes)], 'large.png', { type: 'image/png' }));
              document.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
            }
            """,
            ExploreServer.MostUploadBytes + 1
        );
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync("more than 32 MB");

        // The second network's mistakes; the first of them is looked at.
        await page.Locator("select[name=whose]").SelectOptionAsync("1");
        await page.Locator("#find").ClickAsync();
        ILocator mistakes = page.Locator(".mistake");
        await mistakes.First.WaitForAsync();
        await Assertions.Expect(page.Locator("#find")).ToHaveTextAsync("Find them");
        (int worst, Prediction prediction) = Enumerable
            .Range(0, _set.Test.Count)
            .Select(index => (index, Prediction: _plain.Predict(_set.Test.PictureOf(index))))
            .Where(each => each.Prediction.Best.Index != _set.Test.Labels[each.index])
            .MaxBy(each => each.Prediction.Best.Probability);
        await Assertions.Expect(mistakes.First).ToContainTextAsync(prediction.Best.Name);
        await tab.ShootAsync("page-400-dark");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        await mistakes.First.ClickAsync();
        await Assertions
            .Expect(page.Locator(".says").Nth(1))
            .ToContainTextAsync($"true: {_set.ClassNames[_set.Test.Labels[worst]]}");

        await page.Locator("#language").ClickAsync();
        await Assertions.Expect(page.Locator("#brush")).ToHaveTextAsync("涂掉一块区域");
        Assert.DoesNotContain(tab.Errors, error => !error.Contains("400", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pictures_come_by_pasting_from_the_set_and_from_the_camera()
    {
        await using Tab tab = await OpenAsync();
        IPage page = tab.Page;

        await page.Locator("#index").FillAsync("3");
        await page.Locator("#index").PressAsync("Enter");
        await Assertions.Expect(page.Locator(".says").First).ToContainTextAsync($"true: {_set.ClassNames[_set.Test.Labels[3]]}");

        await PasteAsync(page, _set.Test.PictureOf(6));
        await Assertions.Expect(page.Locator(".says").First).Not.ToContainTextAsync("true:");
        await Assertions.Expect(page.Locator(".bar[aria-pressed=true]").First).ToContainTextAsync(Shown(_set.Test.PictureOf(6)));

        await page.Locator("#camera").ClickAsync();
        await Assertions.Expect(page.Locator("#camera")).ToHaveTextAsync("Take the picture");
        await page.Locator("#camera").ClickAsync();
        await Assertions.Expect(page.Locator(".stage canvas").First).ToHaveAttributeAsync("width", "256");
        await MapAsync(page, "grad-cam (ca3)");
        Assert.Empty(tab.Errors);
    }

    [Fact]
    public async Task The_opacity_changes_within_the_event_and_asks_the_server_nothing()
    {
        await using Tab tab = await OpenAsync();
        IPage page = tab.Page;
        await Assertions.Expect(page.Locator(".channel")).Not.ToHaveCountAsync(0); // nothing is on its way any more
        var asked = new List<string>();
        page.Request += (_, request) => asked.Add(request.Url);

        string[] drawn = await page.EvaluateAsync<string[]>(
            """
            () => [0, 25, 50, 75, 100].map(value => {
              const range = document.querySelector('[name=opacity]');
              range.value = value;
              range.dispatchEvent(new Event('input'));
              return document.querySelector('.stage canvas').toDataURL();
            })
            """
        );

        Assert.Equal(5, drawn.Distinct().Count());
        Assert.Empty(asked);
        Assert.Empty(tab.Errors);
    }

    [Fact]
    public async Task What_leaves_the_page_is_what_it_shows()
    {
        await using Tab tab = await OpenAsync();
        IPage page = tab.Page;
        await page.Locator(".network").First.Locator(".bar").Nth(1).ClickAsync();
        await MapAsync(page, "grad-cam (ca3)");
        int index = _attention.Predict(_set.Test.PictureOf(0)).Classes[1].Index;
        Heatmap expected = new Exploration(_attention).Explain(_set.Test.PictureOf(0), "grad-cam", index, "ca3")[0];

        IDownload view = await page.RunAndWaitForDownloadAsync(() => page.Locator("#save").ClickAsync());
        await view.SaveAsAsync(_workspace.At("view.png"));
        Assert.Equal((2 * 512, 512 + 48), SizeOf(ImageFile.Load(_workspace.At("view.png"))));

        IDownload first = await page.RunAndWaitForDownloadAsync(() => page.Locator("#save-explanation").ClickAsync());
        Assert.Equal("explanation with attention.safetensors", first.SuggestedFilename);
        await first.SaveAsAsync(_workspace.At("explanation.safetensors"));
        Assert.Equal(expected.Values, Assert.Single(ExplanationFile.Load(_workspace.At("explanation.safetensors")))[0].Values);

        // The copied cell, run as a notebook runs it, makes the same map.
        await page.Locator("#copy").ClickAsync();
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync("clipboard");
        string cell = await page.EvaluateAsync<string>("navigator.clipboard.readText()");
        using var engine = new CSharpEngine(_workspace.Folder);
        ExecutionResult result = await engine.ExecuteAsync(
            $"#r \"{Workspace.Library}\"\n{cell}",
            "cell 1",
            new NotebookOutputs(),
            TestContext.Current.CancellationToken
        );
        Assert.True(result.Error is null, $"{result.Error?.Message}\n{cell}");
        MapOverlay overlay = Assert.IsType<MapOverlay>(result.Value);
        Assert.Contains(ClassNameOf(index), $"{overlay.Title} {overlay.AltText}", StringComparison.Ordinal);
        Assert.Empty(tab.Errors);

        static (int Width, int Height) SizeOf(Image image) => (image.Width, image.Height);
    }

    [Fact]
    public async Task A_slow_method_shows_progress_and_stops_by_its_button_and_with_its_tab()
    {
        var slow = new SlowNetwork(AttentionLab.Tests.Fixture.WithFormulaWeights(new SeCnn()));
        using var network = new TrainedNetwork(slow, _set.ClassNames, _set.Preprocessing);
        await using Tab tab = await chromium.OpenAsync();
        await using Served served = await Served.StartAsync(_set, network);
        IPage page = tab.Page;
        await page.GotoAsync(served.Address);
        await MapAsync(page, "grad-cam (inner.ca3)");
        slow.Pause = TimeSpan.FromMilliseconds(500);

        await page.Locator("select[name=left]").SelectOptionAsync("score-cam");
        await Assertions.Expect(page.Locator(".network progress")).ToHaveAttributeAsync("value", new Regex("^0\\.[0-9]+$"));
        await page.Locator(".network .stop").ClickAsync();
        await Assertions.Expect(page.Locator(".network .stop")).ToBeHiddenAsync();
        await Task.Delay(slow.Pause, TestContext.Current.CancellationToken); // for the pass at work to end
        int passes = slow.Passes;
        await Task.Delay(2 * slow.Pause, TestContext.Current.CancellationToken);
        Assert.Equal(passes, slow.Passes);

        slow.Pause = TimeSpan.Zero;
        await page.Locator("select[name=left]").SelectOptionAsync("layer-cam");
        await MapAsync(page, "layer-cam (inner.ca3)");
        Assert.Empty(tab.Errors);

        // Closing the tab stops its work like the button.
        slow.Pause = TimeSpan.FromMilliseconds(500);
        await page.Locator("select[name=left]").SelectOptionAsync("score-cam");
        await Assertions.Expect(page.Locator(".network progress")).ToHaveAttributeAsync("value", new Regex("^0\\.[0-9]+$"));
        await page.CloseAsync();
        await Task.Delay(slow.Pause, TestContext.Current.CancellationToken);
        passes = slow.Passes;
        await Task.Delay(2 * slow.Pause, TestContext.Current.CancellationToken);
        Assert.Equal(passes, slow.Passes);
    }

    [Fact]
    public async Task Broken_weights_and_a_network_without_layers_are_told_and_the_page_goes_on()
    {
        SeCnn broken = AttentionLab.Tests.Fixture.WithFormulaWeights(new SeCnn());
        using (torch.no_grad())
        {
            broken.get_parameter("fc2.bias")!.fill_(float.NaN);
        }

        torch.nn.Module<torch.Tensor, torch.Tensor> dense = torch.nn.Sequential(
            ("flat", torch.nn.Flatten()),
            ("fc", torch.nn.Linear(3 * 32 * 32, 10))
        );
        using var first = new TrainedNetwork(broken, _set.ClassNames, _set.Preprocessing);
        using var second = new TrainedNetwork(dense, _set.ClassNames, _set.Preprocessing);
        await using Tab tab = await chromium.OpenAsync();
        await using Served served = await Served.StartAsync(_set, first, second);
        IPage page = tab.Page;
        await page.GotoAsync(served.Address);

        ILocator errors = page.Locator(".network .error");
        await Assertions.Expect(errors.First).ToContainTextAsync("its weights are broken");
        await Assertions.Expect(errors.Nth(1)).ToContainTextAsync("no layer with height and width");
        await Assertions.Expect(page.Locator(".network").Nth(1).Locator(".bar")).Not.ToHaveCountAsync(0);
        await tab.ShootAsync("page-1400-errors");

        await page.Locator("select[name=left]").SelectOptionAsync("gradients");
        await Assertions.Expect(page.Locator(".network").Nth(1).Locator(".legend")).ToContainTextAsync("gradients (input)");
        Assert.Empty(tab.Errors);
    }

    private static Task MapAsync(IPage page, string legend) =>
        Assertions.Expect(page.Locator(".network .legend").First).ToContainTextAsync(legend);

    private static async Task<float> ValueAsync(ILocator network, int map) =>
        (float)
            double.Parse(
                (await network.Locator($".values [data-map='{map}']").GetAttributeAsync("data-value"))!,
                CultureInfo.InvariantCulture
            );

    private string Shown(Image picture) => _attention.Predict(picture).Best.Name;

    private string ClassNameOf(int index) => _set.ClassNames[index];

    private (string Name, byte[] Bytes, string Sentence)[] BadFiles()
    {
        PngFile.Save(_set.Test.PictureOf(0), _workspace.At("whole.png"));
        byte[] png = File.ReadAllBytes(_workspace.At("whole.png"));
        return
        [
            ("notes.txt", "no picture"u8.ToArray(), "notes.txt is not a picture that can be read"),
            ("half.png", png[..(png.Length / 2)], "half.png is a damaged picture"),
        ];
    }

    private Task DropAsync(IPage page, Image picture) =>
        GiveAsync(
            page,
            picture,
            "document.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))"
        );

    private Task PasteAsync(IPage page, Image picture) =>
        GiveAsync(page, picture, "document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))");

    private async Task GiveAsync(IPage page, Image picture, string dispatch)
    {
        PngFile.Save(picture, _workspace.At("given.png"));
        string base64 = Convert.ToBase64String(await File.ReadAllBytesAsync(_workspace.At("given.png")));
        await page.EvaluateAsync(
            $$"""
            base64 => {
              const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0)), data = new DataTransfer();
              data.items.add(new File([bytes], 'given.png', { type: 'image/png' }));
              {{dispatch}};
            }
            """,
            base64
        );
    }

    /// <summary>A page for other networks.</summary>
    private sealed class Served(ExploreRequests requests, ExploreServer server) : IAsyncDisposable
    {
        public string Address => server.Address;

        public static async Task<Served> StartAsync(DataSet set, params TrainedNetwork[] networks)
        {
            var requests = new ExploreRequests(
                [.. networks.Select((network, i) => new ExploredNetwork($"network {i + 1}", "", new Exploration(network)))],
                PictureSource.Of(set.Test, DataSets.Shapes)
            );
            return new Served(requests, await ExploreServer.StartAsync(requests, TestContext.Current.CancellationToken));
        }

        public async ValueTask DisposeAsync()
        {
            await server.DisposeAsync();
            requests.Dispose();
        }
    }
}

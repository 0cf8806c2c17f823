using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Explore;
using AttentionLab.Models;
using Microsoft.Playwright;

namespace AttentionLab.Host.Tests.Browser;

/// <summary>The explorer of a cell as a reader drives it: in a saved file, with the network off.</summary>
public sealed class ExplorerCellTests(Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    private readonly Workspace _workspace = new();
    private readonly DataSet _set = ShapeSet.Create(1, 4);

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_saved_explorer_shows_the_librarys_values_without_a_network()
    {
        using TrainedNetwork network = Network();
        string file = _workspace.At("explorer.html");
        new Explorer(network, _set.Test.Take(4)) { Culture = CultureInfo.InvariantCulture }.Save(file);
        Assert.InRange(new FileInfo(file).Length, 1, 1_500_000);
        await using Tab tab = await chromium.OpenAsync(offline: true);
        IPage page = tab.Page;
        await page.GotoAsync(new Uri(file).AbsoluteUri);

        // Another picture, its second class, two methods at an inner layer.
        await page.Locator(".picture").Nth(1).ClickAsync();
        await page.Locator(".bar").Nth(1).ClickAsync();
        await page.Locator("select[name=right]").SelectOptionAsync("gradients");
        await page.Locator("select[name=layer]").SelectOptionAsync("ca2");
        int shown = int.Parse(
            (await page.Locator(".bar[aria-pressed=true]").GetAttributeAsync("data-class"))!,
            CultureInfo.InvariantCulture
        );
        await AssertValuesAsync(page, network, 1, shown, "grad-cam", "ca2", row: 0, column: 0);

        // By keyboard: the picture's pixels, then the divider.
        await page.Locator(".stage canvas").FocusAsync();
        for (int i = 0; i < 5; i++)
        {
            await page.Keyboard.PressAsync("ArrowDown");
            await page.Keyboard.PressAsync("ArrowRight");
        }

        await AssertValuesAsync(page, network, 1, shown, "grad-cam", "ca2", row: 5, column: 5);
        await page.Locator("input[name=divider]").FocusAsync();
        await page.Keyboard.PressAsync("Home");
        Assert.Equal("0%", await page.Locator(".line").EvaluateAsync<string>("line => line.style.left"));

        // A channel's thumbnail shows its map large, and leaving it brings the maps back.
        await page.Locator(".channel").First.FocusAsync();
        Assert.StartsWith("channel ", await page.Locator(".legend").TextContentAsync(), StringComparison.Ordinal);
        await page.Locator("select[name=left]").FocusAsync();
        Assert.Contains("gradients", await page.Locator(".legend").TextContentAsync(), StringComparison.Ordinal);
        Assert.Contains(
            "under the map of grad-cam (ca2)",
            await page.Locator(".stage canvas").GetAttributeAsync("aria-label"),
            StringComparison.Ordinal
        );

        await tab.ShootAsync("cell-1400-light");
        Assert.Empty(tab.Errors);
        Assert.Equal([new Uri(file).AbsoluteUri], tab.Requests);
    }

    [Fact]
    public async Task Opacity_and_colours_change_the_picture_as_the_library_blends_it()
    {
        using TrainedNetwork network = Network();
        string file = _workspace.At("explorer.html");
        new Explorer(network, _set.Test.Take(1), new() { Methods = ["grad-cam"], Layers = ["ca3"] }).Save(file);
        await using Tab tab = await chromium.OpenAsync(width: 400, dark: true, offline: true);
        IPage page = tab.Page;
        await page.GotoAsync(new Uri(file).AbsoluteUri);
        await page.Locator("input[name=opacity]").FillAsync("70");
        await page.Locator("select[name=colors]").SelectOptionAsync("viridis");

        int[] drawn = await page.Locator(".stage canvas")
            .EvaluateAsync<int[]>("canvas => [...canvas.getContext('2d').getImageData(0, 0, 32, 32).data]");

        AttentionLab.Imaging.Image picture = _set.Test.PictureOf(0);
        int best = network.Predict(picture).Best.Index;
        Heatmap map = new Exploration(network).Explain(picture, "grad-cam", best, "ca3")[0].Resize(32, 32);
        byte[] expected = AttentionLab.Imaging.HeatmapImage.Blend(picture, map, AttentionLab.Imaging.ColorMap.Viridis, 0.7).Rgb;
        for (int i = 0; i < expected.Length; i++)
        {
            // The page mixes colours that are rounded to bytes already: half a level each, and half in the result.
            Assert.InRange(drawn[(4 * (i / 3)) + (i % 3)] - expected[i], -1, 1);
        }

        await tab.ShootAsync("cell-400-dark");
        Assert.Empty(tab.Errors);
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
    }

    [Fact]
    public async Task The_epoch_slider_chooses_a_checkpoints_maps()
    {
        using TrainedNetwork early = Network(),
            late = new(AttentionLab.Tests.Fixture.WithFormulaWeights(new SeCnn(), 2), _set.ClassNames, _set.Preprocessing);
        string file = _workspace.At("explorer.html");
        new Explorer([(2, early), (7, late)], _set.Test.Take(2), new() { Methods = ["grad-cam"], Layers = ["ca3"] }).Save(file);
        await using Tab tab = await chromium.OpenAsync(offline: true);
        IPage page = tab.Page;
        await page.GotoAsync(new Uri(file).AbsoluteUri);
        ILocator slider = page.Locator("input[name=epoch]");
        int shown = late.Predict(_set.Test.PictureOf(0)).Best.Index; // at the last epoch, which is shown first

        await slider.FocusAsync();
        await page.Keyboard.PressAsync("ArrowLeft");
        Assert.Equal("2", await slider.GetAttributeAsync("aria-valuetext"));
        await AssertValueAsync(early);
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.Equal("7", await slider.GetAttributeAsync("aria-valuetext"));
        await AssertValueAsync(late);
        Assert.Empty(tab.Errors);

        async Task AssertValueAsync(TrainedNetwork network)
        {
            await page.Locator($".bar[data-class='{shown}']").ClickAsync();
            await page.Locator(".stage canvas").FocusAsync();
            Heatmap map = new Exploration(network).Explain(_set.Test.PictureOf(0), "grad-cam", shown, "ca3")[0].Place(32, 32);
            string? value = await page.Locator(".values [data-map='0']").GetAttributeAsync("data-value");
            Assert.Equal(map[0, 0], (float)double.Parse(value!, CultureInfo.InvariantCulture));
            await slider.FocusAsync();
        }
    }

    [Fact]
    public async Task An_explorer_runs_in_an_exported_lesson()
    {
        using TrainedNetwork network = Network();
        network.Save(_workspace.At("network.safetensors"));
        _workspace.Notebook(
            "lesson.ipynb",
            $"""
            #r "{Workspace.Library}"
            using AttentionLab.Data; using AttentionLab.Explore; using AttentionLab.Models;
            var network = TrainedNetwork.Load(@"{_workspace.At("network.safetensors")}", "se");
            new Explorer(network, ShapeSet.Create(1, 4).Test.Take(2), new() {"{"} Methods = ["grad-cam", "eigen-cam"] {"}"})
            """
        );
        Assert.True(await _workspace.RunAll() == 0, _workspace.Output + _workspace.Error);
        await using Tab tab = await chromium.OpenAsync(offline: true);

        await tab.Page.GotoAsync(new Uri(Path.Combine(_workspace.Out, "lesson.html")).AbsoluteUri);

        await tab.Page.Locator("select[name=left]").SelectOptionAsync("eigen-cam");
        Assert.Contains("eigen-cam", await tab.Page.Locator(".legend").TextContentAsync(), StringComparison.Ordinal);
        Assert.Empty(tab.Errors);
    }

    private async Task AssertValuesAsync(
        IPage page,
        TrainedNetwork network,
        int picture,
        int classIndex,
        string method,
        string layer,
        int row,
        int column
    )
    {
        if (row == 0)
        {
            await page.Locator(".stage canvas").FocusAsync();
        }

        AttentionLab.Imaging.Image image = _set.Test.PictureOf(picture);
        var exploration = new Exploration(network);
        Heatmap first = exploration.Explain(image, method, classIndex, layer)[0].Place(32, 32),
            second = exploration.Explain(image, "gradients", classIndex)[0].Place(32, 32);
        foreach ((int i, float expected) in new[] { (0, first[row, column]), (1, second[row, column]) })
        {
            string? shown = await page.Locator($".values [data-map='{i}']").GetAttributeAsync("data-value");
            Assert.Equal(expected, (float)double.Parse(shown!, CultureInfo.InvariantCulture));
        }
    }

    private TrainedNetwork Network() =>
        new(AttentionLab.Tests.Fixture.WithFormulaWeights(new SeCnn()), _set.ClassNames, _set.Preprocessing);
}

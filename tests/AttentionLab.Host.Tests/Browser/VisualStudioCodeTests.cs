using System.Diagnostics;
using Microsoft.Playwright;

namespace AttentionLab.Host.Tests.Browser;

/// <summary>lib/docs/compatibility.md holds: what a reader sees in VS Code.</summary>
public sealed class VisualStudioCodeTests(Chromium chromium) : IClassFixture<Chromium>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_notebook_is_run_completed_interrupted_and_restarted()
    {
        await using CodeServer code = await CodeServer.StartAsync(
            "steps.ipynb",
            "int kept = 40 + 2;\nkept",
            "int a = b;",
            "await Kernel.GetInputAsync(\"Name?\")",
            "while (true) { }",
            "if (kept > 0)\n{\n    Console.Wr\n}",
            "kept + 1"
        );
        await using Tab tab = await chromium.OpenAsync();
        IPage page = tab.Page;
        page.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        await page.GotoAsync(code.Address);
        await page.GetByText("steps.ipynb").First.DblClickAsync();

        await StartAsync(page);
        await ShowsAsync(page, "42");

        await RunAsync(page, "int a = b");
        await ShowsAsync(page, "error CS0103: The name 'b' does not exist in the current context");

        await RunAsync(page, "GetInputAsync");
        await page.GetByText("Name? (Press 'Enter' to confirm").WaitForAsync();
        await page.Keyboard.TypeAsync("Grace");
        await page.Keyboard.PressAsync("Enter");
        await ShowsAsync(page, "Grace");

        await RunAsync(page, "while");
        await page.GetByText("Interrupt", new() { Exact = true }).ClickAsync();
        await ShowsAsync(page, "The cell was interrupted.");

        await Line(page, "Console.Wr").ClickAsync();
        await page.Keyboard.PressAsync("End");
        ILocator suggestion = page.Locator(".suggest-widget .monaco-list-row").Filter(new() { HasText = "WriteLine" });
        await AskAsync(page, suggestion);
        await page.Keyboard.PressAsync("ArrowDown");
        ILocator documentation = page.Locator(".suggest-details").Filter(new() { HasText = "void Console.WriteLine() (+ " });
        await AskAsync(page, documentation);
        Assert.Equal(1, await documentation.CountAsync());
        Assert.Equal(1, await suggestion.Locator(".codicon-symbol-method").CountAsync());
        await tab.ShootAsync("vs-code-completion");
        await page.Keyboard.PressAsync("Escape");

        await page.GetByText("Restart", new() { Exact = true }).First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Restart", Exact = true }).Last.ClickAsync();
        await RunAsync(page, "kept + 1");
        await ShowsAsync(page, "error CS0103: The name 'kept' does not exist in the current context");
    }

    private static ILocator Line(IPage page, string text) => page.Locator(".view-line").Filter(new() { HasText = text }).Last;

    private static async Task RunAsync(IPage page, string line)
    {
        await Line(page, line).ClickAsync();
        await page.Keyboard.PressAsync("Shift+Enter");
    }

    // Runs the first cell by its button: until the extension is active, the keys mean something else. It asks for the kernel if it
    // has not yet found the one that the notebook names.
    private static async Task StartAsync(IPage page)
    {
        ILocator source = page.GetByText("Jupyter Kernel..."),
            ended = page.Locator(".cell-status-left .codicon-notebook-state-success");
        var waited = Stopwatch.StartNew();
        do
        {
            await Line(page, "int kept").ClickAsync(); // the button shows beside the chosen cell
            await page.Locator(".codicon-notebook-execute").First.ClickAsync();
            await Task.Delay(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        } while (await source.CountAsync() + await ended.CountAsync() == 0 && waited.Elapsed < 2 * Patience);

        if (await source.IsVisibleAsync())
        {
            await source.ClickAsync();
            await page.GetByRole(AriaRole.Option).Filter(new() { HasText = "C# (.NET 10)" }).ClickAsync();
        }
    }

    // The extension waits two seconds for an answer, which is too little for the first: one asks again. Once suggestions are
    // there, the same keys show and hide what is known of the chosen one.
    private static async Task AskAsync(IPage page, ILocator answer)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < Patience && await answer.CountAsync() == 0; )
        {
            await page.Keyboard.PressAsync("Control+Space");
            await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        }
    }

    // Outputs stand in a frame of their own.
    private static async Task ShowsAsync(IPage page, string text)
    {
        List<string> seen = [];
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < Patience; )
        {
            seen.Clear();
            foreach (IFrame frame in page.Frames.Skip(1).Where(frame => !frame.IsDetached))
            {
                seen.Add(await frame.Locator("body").InnerTextAsync());
            }

            if (seen.Any(shown => shown.Contains(text, StringComparison.Ordinal)))
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
        }

        Assert.Fail($"\"{text}\" is not shown. Outputs: {string.Join(" | ", seen)}");
    }
}

using Microsoft.Playwright;

namespace AttentionLab.Host.Tests.Browser;

/// <summary>The system's Chromium, started once for all browser tests; they are skipped where there is none.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Program() is { } program)
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(
                new()
                {
                    ExecutablePath = program,
                    Args =
                    [
                        "--no-sandbox",
                        "--disable-gpu",
                        "--force-color-profile=srgb",
                        "--use-fake-device-for-media-stream", // a camera that shows a test picture
                        "--use-fake-ui-for-media-stream",
                    ],
                }
            );
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    /// <summary>A new page; what it throws fails the test that closes it by <see cref="Tab.DisposeAsync"/>.</summary>
    internal async Task<Tab> OpenAsync(int width = 1400, bool dark = false, bool offline = false)
    {
        Assert.SkipUnless(_browser is not null, $"None of {string.Join(", ", Names)} is installed.");
        IBrowserContext context = await _browser.NewContextAsync(
            new()
            {
                ViewportSize = new() { Width = width, Height = 900 },
                ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
                Offline = offline,
                Locale = "en-GB",
                Permissions = ["clipboard-read", "clipboard-write"],
            }
        );
        context.SetDefaultTimeout(30_000);
        return new Tab(context, await context.NewPageAsync());
    }

    private static string? Program() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .SelectMany(_ => Names, Path.Combine)
            .FirstOrDefault(File.Exists);
}

using Microsoft.Playwright;

namespace AttentionLab.Host.Tests.Browser;

/// <summary>A page in a profile of its own. Errors of its scripts and addresses that it asks for are kept.</summary>
internal sealed class Tab : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _errors = [];
    private readonly List<string> _requests = [];

    public Tab(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.PageError += (_, error) => _errors.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _errors.Add(message.Text);
            }
        };
        page.Request += (_, request) => _requests.Add(request.Url);
    }

    public IPage Page { get; }

    /// <summary>What its scripts complained about.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>What it asked for, data inside the page left out.</summary>
    public IEnumerable<string> Requests => _requests.Where(url => !url.StartsWith("data:", StringComparison.Ordinal));

    /// <summary>Saves what is seen where ATTENTIONLAB_SCREENSHOTS names a folder, for a person to judge.</summary>
    public async Task ShootAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("ATTENTIONLAB_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
        }
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();
}

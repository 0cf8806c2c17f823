using System.Net;
using AttentionLab.Explore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AttentionLab.Host.Exploring;

/// <summary>Serves the page of <c>explore</c> to this machine, on a free port, to whoever knows the address.</summary>
internal sealed class ExploreServer : IAsyncDisposable
{
    /// <summary>Bytes of a request's body.</summary>
    public const int MostUploadBytes = 32_000_000;

    private static readonly Dictionary<string, string> Files = new()
    {
        ["/"] = "index.html",
        ["/page.js"] = "page.js",
        ["/network-view.js"] = "network-view.js",
        ["/server.js"] = "server.js",
        ["/viewer.js"] = "viewer.js",
        ["/controls.js"] = "controls.js",
        ["/maps.js"] = "maps.js",
        ["/explorer.css"] = "explorer.css",
        ["/page.css"] = "page.css",
    };

    private readonly WebApplication _application;

    private ExploreServer(WebApplication application, string address) => (_application, Address) = (application, address);

    /// <summary>The page's address, token and all.</summary>
    public string Address { get; }

    /// <summary>Starts to serve.</summary>
    public static async Task<ExploreServer> StartAsync(ExploreRequests requests, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostUploadBytes;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        builder.Services.AddRoutingCore();
        WebApplication application = builder.Build();
        var guard = new ExploreGuard();
        application.Use(guard.InvokeAsync);
        application.Use(AnswerErrorsAsync);
        application.UseRouting(); // after the guard has taken the token off the path
        foreach ((string path, string file) in Files)
        {
            application.MapGet(path, context => SendFileAsync(context, file));
        }

        requests.Map(application);
        await application.StartAsync(cancellationToken).ConfigureAwait(false);
        string origin = application
            .Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!
            .Addresses.Single();
        return new ExploreServer(application, $"{origin}/{guard.Token}/");
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static async Task SendFileAsync(HttpContext context, string file)
    {
        context.Response.ContentType = Path.GetExtension(file) switch
        {
            ".js" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            _ => "text/html; charset=utf-8",
        };
        await context.Response.WriteAsync(ExplorerHtml.Resource(file)).ConfigureAwait(false);
    }

    /// <summary>Answers bad requests with a message; aborted requests get no answer.</summary>
    private static async Task AnswerErrorsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested) { }
        catch (Exception e) when (!context.Response.HasStarted && ExploreError.TextOf(e) is { } text)
        {
            context.Response.StatusCode = e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status400BadRequest;
            await context.Response.WriteAsJsonAsync(new { error = text }).ConfigureAwait(false);
        }
    }
}

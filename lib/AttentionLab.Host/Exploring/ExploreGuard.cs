using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace AttentionLab.Host.Exploring;

/// <summary>
/// Lets in who knows the address only: every path begins with a random token; the Host header is this machine's, so that no
/// foreign name that points here is served; and a page of another origin is refused whatever it knows.
/// </summary>
internal sealed class ExploreGuard
{
    private static readonly string[] Names = ["127.0.0.1", "localhost"];

    /// <summary>256 bits as the first part of the path.</summary>
    public string Token { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>Refuses a request, or takes the token off its path and goes on.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        string port = context.Connection.LocalPort.ToString(CultureInfo.InvariantCulture);
        string? origin = request.Headers.Origin;
        bool isOwn =
            Names.Any(name => request.Host.Value == $"{name}:{port}")
            && (string.IsNullOrEmpty(origin) || Names.Any(name => origin == $"http://{name}:{port}"));
        if (!isOwn || !TryTakeToken(request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync("Open the address that the command explore printed.").ConfigureAwait(false);
            return;
        }

        SetPolicy(context.Response.Headers);
        await next(context).ConfigureAwait(false);
    }

    private bool TryTakeToken(HttpRequest request)
    {
        string path = request.Path.Value ?? "";
        if (
            path.Length < Token.Length + 2
            || path[Token.Length + 1] != '/'
            || !CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(path[1..(Token.Length + 1)]),
                Encoding.UTF8.GetBytes(Token)
            )
        )
        {
            return false;
        }

        request.Path = path[(Token.Length + 1)..];
        return true;
    }

    /// <summary>The page loads nothing from elsewhere, stands in no frame, and its address goes nowhere.</summary>
    private static void SetPolicy(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy =
            "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }
}

using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace AttentionLab.Host.Exploring;

/// <summary>An answer that comes in parts as they are ready: a line of JSON each.</summary>
internal static class JsonLines
{
    /// <summary>Runs something that writes lines while it computes; an error is the last line.</summary>
    public static async Task WriteAsync(HttpContext context, Func<Action<JsonObject>, Task> run)
    {
        var lines = Channel.CreateUnbounded<JsonObject>();
        context.Response.ContentType = "application/x-ndjson";
        Task writing = SendAsync(context, lines.Reader);
        try
        {
            await run(line => lines.Writer.TryWrite(line)).ConfigureAwait(false);
        }
        catch (Exception e) when (ExploreError.TextOf(e) is { } text)
        {
            lines.Writer.TryWrite(new JsonObject { ["error"] = text });
        }
        finally
        {
            lines.Writer.Complete();
        }

        await writing.ConfigureAwait(false);
    }

    private static async Task SendAsync(HttpContext context, ChannelReader<JsonObject> lines)
    {
        await foreach (JsonObject line in lines.ReadAllAsync().ConfigureAwait(false))
        {
            if (!context.RequestAborted.IsCancellationRequested)
            {
                await context
                    .Response.Body.WriteAsync(Encoding.UTF8.GetBytes(line.ToJsonString() + "\n"), CancellationToken.None)
                    .ConfigureAwait(false);
                await context.Response.Body.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
    }
}

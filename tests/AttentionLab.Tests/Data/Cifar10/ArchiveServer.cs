using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace AttentionLab.Tests.Data;

/// <summary>A web server on this machine that offers one file, with the weaknesses a test asks for.</summary>
internal sealed class ArchiveServer : IDisposable
{
    private readonly HttpListener _listener;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _serving;
    private readonly List<Request> _requests = [];

    public ArchiveServer(byte[] file)
    {
        File = file;
        (_listener, Source) = Listen();
        _serving = Task.Run(ServeAsync);
    }

    public sealed record Request(string? Range, string? IfRange);

    public Uri Source { get; }

    public byte[] File { get; set; }

    public string? ETag { get; set; } = "\"one\"";

    public bool KnowsRange { get; set; } = true;

    /// <summary>Statuses of the next answers; afterwards the file.</summary>
    public Queue<HttpStatusCode> Refusals { get; } = new();

    /// <summary>After how many bytes of the body the next answers break off.</summary>
    public Queue<int> Breaks { get; } = new();

    /// <summary>After how many bytes of the body an answer falls silent; null for never.</summary>
    public int? SilentAfter { get; set; }

    public IReadOnlyList<Request> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>An address where nobody listens.</summary>
    public static Uri Nowhere()
    {
        (HttpListener listener, Uri source) = Listen();
        listener.Close();
        return source;
    }

    public void Dispose()
    {
        _closing.Cancel();
        _listener.Close();
        _serving.Wait();
        _closing.Dispose();
    }

    private static (HttpListener Listener, Uri Source) Listen()
    {
        // HttpListener cannot pick a port by itself; somebody may take the one found, then another is tried.
        for (int attempt = 0; ; attempt++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            int port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            var listener = new HttpListener();
            listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                listener.Start();
                return (listener, new Uri($"http://127.0.0.1:{port}/cifar-10-binary.tar.gz"));
            }
            catch (HttpListenerException) when (attempt < 5)
            {
                listener.Close();
            }
        }
    }

    private async Task ServeAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        HttpListenerResponse response = context.Response;
        string? range = context.Request.Headers["Range"],
            ifRange = context.Request.Headers["If-Range"];
        lock (_requests)
        {
            _requests.Add(new Request(range, ifRange));
        }

        try
        {
            if (Refusals.TryDequeue(out HttpStatusCode refusal))
            {
                response.StatusCode = (int)refusal;
                response.Close();
                return;
            }

            int from = 0;
            if (KnowsRange && range is not null && (ifRange is null || ifRange == ETag))
            {
                from = (int)RangeHeaderValue.Parse(range).Ranges.Single().From!.Value;
                response.StatusCode = (int)HttpStatusCode.PartialContent;
                response.Headers["Content-Range"] = $"bytes {from}-{File.Length - 1}/{File.Length}";
            }

            if (ETag is not null)
            {
                response.Headers["ETag"] = ETag;
            }

            ReadOnlyMemory<byte> body = File.AsMemory(from);
            response.ContentLength64 = body.Length;
            if (Breaks.TryDequeue(out int length))
            {
                await response.OutputStream.WriteAsync(body[..length]);
                await response.OutputStream.FlushAsync();
                response.Abort();
            }
            else if (SilentAfter is { } silent)
            {
                await response.OutputStream.WriteAsync(body[..silent]);
                await response.OutputStream.FlushAsync();
                await Task.Delay(Timeout.Infinite, _closing.Token);
            }
            else
            {
                await response.OutputStream.WriteAsync(body);
                response.Close();
            }
        }
        catch (Exception e)
            when (e is HttpListenerException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The client went away, or the test is over.
            response.Abort();
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace AttentionLab.Data;

/// <summary>
/// Fetches a file of known length into a local one, from where the local one ends, as often as the connection breaks
/// (RFC 9110, sections 13.1.5 and 14: Range and If-Range).
/// </summary>
/// <param name="client">Does the requests.</param>
/// <param name="source">What to fetch.</param>
/// <param name="length">Its bytes.</param>
/// <param name="versionPath">
/// Where the server's mark of the version fetched (ETag or date) is kept, so that a later run does not append to another version.
/// </param>
internal sealed class ResumableDownload(HttpClient client, Uri source, long length, string versionPath)
{
    // In a row, without having got any further.
    private const int Attempts = 4;

    /// <summary>How long to wait after the first failure; doubled after each further one.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a server may stay silent before the connection counts as broken.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Completes the file. Whatever happens, the bytes it holds afterwards are worth continuing from.</summary>
    /// <exception cref="HttpRequestException">The server refuses, offers something of another length, or several attempts
    /// failed.</exception>
    public async Task RunAsync(FileStream target, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        if (target.Length > length)
        {
            target.SetLength(0);
        }

        var meter = new Meter(length, progress);
        long furthest = target.Length;
        for (int failures = 0; target.Length < length; )
        {
            try
            {
                await ContinueAsync(target, meter, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException e) when (IsTransient(e.StatusCode))
            {
                failures = target.Length > furthest ? 1 : failures + 1;
                furthest = Math.Max(furthest, target.Length);
                if (failures == Attempts)
                {
                    throw;
                }

                await Task.Delay(FirstPause * (1 << (failures - 1)), cancellationToken).ConfigureAwait(false);
            }
        }

        meter.Complete();
    }

    private static bool IsTransient(HttpStatusCode? status) =>
        status
            is null
                or HttpStatusCode.RequestTimeout
                or HttpStatusCode.TooManyRequests
                or >= HttpStatusCode.InternalServerError;

    private async Task ContinueAsync(FileStream target, Meter meter, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, source);
        if (target.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(target.Length, null);
            request.Headers.IfRange = ReadVersion();
        }

        using HttpResponseMessage response = await PatientlyAsync(
                token => client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token),
                cancellationToken
            )
            .ConfigureAwait(false);
        Prepare(target, response);

        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = new byte[1 << 17];
        target.Position = target.Length;
        while (
            await PatientlyAsync(token => body.ReadAsync(buffer, token).AsTask(), cancellationToken).ConfigureAwait(false)
                is > 0
                    and int read
        )
        {
            if (target.Length + read > length)
            {
                target.SetLength(0);
                throw new HttpRequestException(
                    $"The server sent more than the {length} bytes expected.",
                    null,
                    response.StatusCode
                );
            }

            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            meter.Add(read, target.Length);
        }

        if (target.Length < length)
        {
            throw new HttpRequestException($"The server's answer ended after {target.Length} of {length} bytes.");
        }
    }

    /// <summary>Cuts the file to where the answer goes on: its end, or its beginning when the server sends everything.</summary>
    private void Prepare(FileStream target, HttpResponseMessage response)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.PartialContent
                when response.Content.Headers.ContentRange is { } range
                    && range.From == target.Length
                    && (range.Length ?? length) == length:
                return;

            // Not the requested part, or none: start from the beginning next time.
            case HttpStatusCode.PartialContent
            or HttpStatusCode.RequestedRangeNotSatisfiable when target.Length > 0:
                target.SetLength(0);
                throw new HttpRequestException("The server could not continue the download.");

            // A sign-in page of a hotel's network, for one; what was fetched before stays.
            case HttpStatusCode.OK when (response.Content.Headers.ContentLength ?? length) != length:
                throw new HttpRequestException(
                    $"The server offers {response.Content.Headers.ContentLength} bytes where {length} are expected: some page "
                        + "of a proxy, or the file was replaced.",
                    null,
                    response.StatusCode
                );

            case HttpStatusCode.OK:
                target.SetLength(0);
                SaveVersion(response);
                return;

            default:
                throw new HttpRequestException(
                    $"The server answered {(int)response.StatusCode} {response.ReasonPhrase}.",
                    null,
                    response.StatusCode
                );
        }
    }

    private RangeConditionHeaderValue? ReadVersion() =>
        File.Exists(versionPath)
        && RangeConditionHeaderValue.TryParse(File.ReadAllText(versionPath), out RangeConditionHeaderValue? version)
            ? version
            : null;

    private void SaveVersion(HttpResponseMessage response)
    {
        // A weak ETag does not promise equal bytes. Without any mark the checksum at the end has to tell.
        RangeConditionHeaderValue? version =
            response.Headers.ETag is { IsWeak: false } tag ? new(tag)
            : response.Content.Headers.LastModified is { } date ? new(date)
            : null;
        if (version is null)
        {
            File.Delete(versionPath);
        }
        else
        {
            File.WriteAllText(versionPath, version.ToString());
        }
    }

    /// <summary>
    /// One step on the network; whatever a broken or silent connection throws becomes an HttpRequestException without status.
    /// </summary>
    private async Task<T> PatientlyAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return await step(patience.Token).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new HttpRequestException($"The connection broke: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException(
                string.Create(CultureInfo.InvariantCulture, $"The server was silent for {Patience.TotalSeconds:0.#} s."),
                e
            );
        }
    }

    private sealed class Meter(long length, IProgress<DownloadProgress>? progress)
    {
        private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private TimeSpan _next;
        private long _received;

        public void Add(int bytes, long soFar)
        {
            _received += bytes;
            if (soFar < length && _watch.Elapsed >= _next)
            {
                Report(soFar);
                _next = _watch.Elapsed + Interval;
            }
        }

        public void Complete() => Report(length);

        private void Report(long soFar) =>
            progress?.Report(new DownloadProgress(soFar, length, _received / _watch.Elapsed.TotalSeconds));
    }
}

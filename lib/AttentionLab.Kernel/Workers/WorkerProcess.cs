using System.Diagnostics;
using System.IO.Pipes;
using System.Text;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Workers;

/// <summary>The runner's end of a <see cref="Worker"/>: a notebook's cells run in a process of their own.</summary>
internal sealed class WorkerProcess : INotebookSession
{
    /// <summary>Longer than the engine needs to leave a deaf cell behind.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How long pipes are read after the process is gone: what it started may hold them open.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly AnonymousPipeServerStream _requests = new(PipeDirection.Out, HandleInheritability.Inheritable);
    private readonly AnonymousPipeServerStream _answers = new(PipeDirection.In, HandleInheritability.Inheritable);
    private readonly WorkerChannel _channel;
    private readonly NativeText _errors = new();
    private readonly Task _reading;
    private readonly Task _readingErrors;
    private readonly Lock _lock = new();
    private NotebookOutputs? _outputs;
    private TaskCompletionSource<WorkerMessage.Ended?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CellError? _unhandled;

    private WorkerProcess(Func<string, string, ProcessStartInfo> command)
    {
        ProcessStartInfo start = command(_requests.GetClientHandleAsString(), _answers.GetClientHandleAsString());
        start.UseShellExecute = false;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.StandardOutputEncoding = start.StandardErrorEncoding = Encoding.UTF8;
        _process = Process.Start(start)!;
        _process.StandardInput.Close(); // cells have no terminal to read from
        _requests.DisposeLocalCopyOfClientHandle();
        _answers.DisposeLocalCopyOfClientHandle();
        _channel = new WorkerChannel(_answers, _requests);
        _reading = OnThread(ReadAnswers);
        _readingErrors = Task.WhenAll(
            OnThread(() => _errors.ReadAll(_process.StandardError)),
            OnThread(() => _errors.ReadAll(_process.StandardOutput))
        );
        _ = NoticeEndAsync();
    }

    /// <inheritdoc/>
    public bool HasEnded { get; private set; }

    /// <summary>Starts a process that gets ready for its notebook.</summary>
    /// <param name="command">The program and its arguments, given the names of the two pipes for
    /// <see cref="Worker.RunAsync"/>.</param>
    public static WorkerProcess Start(Func<string, string, ProcessStartInfo> command) => new(command);

    /// <inheritdoc/>
    public void Begin(string folder) => Send(new WorkerMessage.Begin(folder));

    /// <inheritdoc/>
    public Task<ExecutionResult> ExecuteAsync(
        string code,
        string name,
        NotebookOutputs outputs,
        CancellationToken cancellationToken
    )
    {
        lock (_lock)
        {
            _outputs = outputs;
        }

        return AskAsync(new WorkerMessage.Execute(code, name), name, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<CellError?> FinishAsync() =>
        HasEnded
            ? null
            : (
                await AskAsync(new WorkerMessage.Finish(), "after the last cell", CancellationToken.None).ConfigureAwait(false)
            ).Error;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _requests.Dispose(); // the worker ends when nobody speaks to it
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Kill();
        }

        RuntimeFiles.Delete(_process.Id);
        _channel.Dispose();
        _process.Dispose();
    }

    private async Task<ExecutionResult> AskAsync(WorkerMessage request, string name, CancellationToken cancellationToken)
    {
        Send(request);
        bool killed = false;
        using (cancellationToken.UnsafeRegister(_ => Send(new WorkerMessage.Stop()), null))
        using (var patience = new CancellationTokenSource())
        using (cancellationToken.UnsafeRegister(_ => patience.CancelAfter(Patience), null))
        using (
            patience.Token.UnsafeRegister(
                _ =>
                {
                    killed = true;
                    Kill();
                },
                null
            )
        )
        {
            WorkerMessage.Ended? ended = await _ended.Task.ConfigureAwait(false);
            lock (_lock)
            {
                _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
                CellError? unhandled = _unhandled;
                _unhandled = null;
                string said = _errors.Take();
                if (ended is not null)
                {
                    if (said.Length > 0)
                    {
                        _outputs?.Write("stderr", said);
                    }

                    if (ended.Error is not null && unhandled is not null)
                    {
                        _outputs?.Error(unhandled);
                    }

                    return new ExecutionResult(Error: ended.Error ?? unhandled, Cancelled: ended.Cancelled);
                }

                HasEnded = true;
                return killed || cancellationToken.IsCancellationRequested
                    ? new ExecutionResult(Cancelled: true)
                    : new ExecutionResult(Error: EndOfProcess.Describe(_process.ExitCode, said, name));
            }
        }
    }

    private void Send(WorkerMessage message)
    {
        try
        {
            _channel.Send(message);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The process is gone; who waits for its answer hears that.
        }
    }

    private void ReadAnswers()
    {
        try
        {
            while (_channel.Receive() is { } message)
            {
                Take(message);
            }
        }
        catch (InvalidDataException)
        {
            Kill(); // an aborted cell tore a message apart
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The same as the end of the pipe.
        }
    }

    private void Take(WorkerMessage message)
    {
        lock (_lock)
        {
            switch (message)
            {
                case WorkerMessage.Text text:
                    _outputs?.Write(text.Stream, text.Value);
                    break;
                case WorkerMessage.Display display:
                    _outputs?.Display(display.Data, display.DisplayId);
                    break;
                case WorkerMessage.Update update:
                    _outputs?.Update(update.Data, update.DisplayId);
                    break;
                case WorkerMessage.Result result:
                    _outputs?.Result(result.Data);
                    break;
                case WorkerMessage.Unhandled unhandled when _unhandled is null:
                    _unhandled = unhandled.Error; // becomes the cell's when the cell ends
                    break;
                case WorkerMessage.Unhandled another:
                    _outputs?.Error(another.Error);
                    break;
                case WorkerMessage.Ended ended:
                    _ended.TrySetResult(ended);
                    break;
            }
        }
    }

    private async Task NoticeEndAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await Task.WhenAny(Task.WhenAll(_reading, _readingErrors), Task.Delay(LastWords)).ConfigureAwait(false);
        lock (_lock)
        {
            _ended.TrySetResult(null);
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It ended first.
        }
    }

    private static Task OnThread(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}

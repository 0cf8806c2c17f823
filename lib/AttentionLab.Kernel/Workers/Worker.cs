using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using AttentionLab.Kernel.Jupyter;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Workers;

/// <summary>
/// The process in which one notebook's cells run. The runner starts it, sends it cells and takes what they show; whatever a cell
/// does to the process, the runner and the other notebooks go on. It ends when the runner hangs up.
/// </summary>
internal sealed class Worker : IAsyncDisposable
{
    private readonly WorkerChannel _channel;
    private readonly WorkerOutput _output;
    private readonly LocalSession _session = new();
    private readonly NativeOutput? _native = NativeOutput.TryRedirect();
    private readonly BlockingCollection<WorkerMessage> _requests = [];
    private readonly List<string> _cells = [];
    private readonly CancellationTokenSource _stop = new();

    private Worker(WorkerChannel channel)
    {
        _channel = channel;
        _output = new WorkerOutput(channel);
    }

    /// <summary>Serves the runner whose pipes are named until it hangs up; does not return.</summary>
    public static async Task RunAsync(string requests, string answers)
    {
        using var channel = new WorkerChannel(
            new AnonymousPipeClientStream(PipeDirection.In, requests),
            new AnonymousPipeClientStream(PipeDirection.Out, answers)
        );
        await using var worker = new Worker(channel);

        // Ctrl+C in a terminal reaches every process there; here the runner decides.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        ExceptionHandling.SetUnhandledExceptionHandler(worker.TellUnhandled);
        new Thread(worker.Listen) { IsBackground = true, Name = "Runner" }.Start();
        await worker.ServeAsync().ConfigureAwait(false);
        ProcessEnd.Now(0);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync().ConfigureAwait(false);
        _requests.Dispose();
        _stop.Dispose();
    }

    // A request to stop must come through while a cell runs.
    private void Listen()
    {
        while (_channel.Receive() is { } message)
        {
            if (message is WorkerMessage.Stop)
            {
                _ = OwnThread.Run(_stop.Cancel); // callbacks are the cell's code
            }
            else
            {
                _requests.Add(message);
            }
        }

        ProcessEnd.Now(0); // the runner is done with this process, or is gone
    }

    private async Task ServeAsync()
    {
        await WarmUpAsync().ConfigureAwait(false);
        foreach (WorkerMessage request in _requests.GetConsumingEnumerable())
        {
            switch (request)
            {
                case WorkerMessage.Begin begin:
                    _session.Begin(begin.Folder);
                    break;
                case WorkerMessage.Execute cell:
                    _channel.Send(await ExecuteAsync(cell).ConfigureAwait(false));
                    break;
                case WorkerMessage.Finish:
                    LetOthersRun();
                    _native?.Flush();
                    _channel.Send(new WorkerMessage.Ended(null, Cancelled: false));
                    break;
            }
        }
    }

    private async Task<WorkerMessage.Ended> ExecuteAsync(WorkerMessage.Execute cell)
    {
        lock (_cells)
        {
            _cells.Add(cell.Name);
        }

        ExecutionResult result = await _session.ExecuteAsync(cell.Code, cell.Name, _output, _stop.Token).ConfigureAwait(false);
        _native?.Flush();
        return new WorkerMessage.Ended(result.Error, result.Cancelled);
    }

    // The compiler's first cell takes a second and more; a worker that waits for its notebook has that behind it.
    private static async Task WarmUpAsync()
    {
        using var engine = new CSharpEngine(Environment.CurrentDirectory);
        await engine
            .ExecuteAsync("Console.Write(1); 1 + 1", "warm-up", new NotebookOutputs(), CancellationToken.None)
            .ConfigureAwait(false);
        RunningCell.Current = null;
    }

    // An exception of a thread or a task that the last cell started belongs to the notebook, if it comes at once.
    private static void LetOthersRun()
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            Thread.Sleep(20);
        } while (ThreadPool.PendingWorkItemCount > 0 && Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(200));
    }

    private bool TellUnhandled(Exception exception)
    {
        // How a thread of a stopped cell ends: expected, so not shown.
        if (exception is OperationCanceledException { CancellationToken.IsCancellationRequested: true })
        {
            return true;
        }

        string[] cells;
        lock (_cells)
        {
            cells = [.. _cells];
        }

        // The cell that threw, when the exception's frames tell; else the one that runs.
        CellError[] errors = [.. cells.Reverse().Select(cell => CellError.FromException(exception, cell))];
        CellError error =
            errors.Zip(cells.Reverse()).FirstOrDefault(pair => pair.First.Location != pair.Second).First
            ?? errors.FirstOrDefault()
            ?? CellError.FromException(exception, "before the first cell");
        _channel.Send(
            new WorkerMessage.Unhandled(
                error with
                {
                    Traceback = [.. error.Traceback, "Thrown on another thread, where no cell could catch it."],
                }
            )
        );
        return true;
    }
}

using System.Diagnostics;

namespace AttentionLab.Kernel.Workers;

/// <summary>Starts workers ahead of their notebooks, so that the compiler is warm when a notebook begins.</summary>
/// <param name="command">The worker's program and arguments, given the names of its pipes.</param>
internal sealed class NextWorker(Func<string, string, ProcessStartInfo> command) : IAsyncDisposable
{
    private WorkerProcess? _next;

    /// <summary>Starts the next worker, unless one waits already.</summary>
    public void Prepare() => _next ??= WorkerProcess.Start(command);

    /// <summary>Gives the worker that waits; who takes it disposes it.</summary>
    public WorkerProcess Take()
    {
        Prepare();
        WorkerProcess taken = _next!;
        _next = null;
        return taken;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _next?.DisposeAsync() ?? ValueTask.CompletedTask;
}

using System.Collections.Concurrent;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// One thread on which every cell of a session starts: what torch keeps by thread (gradients on or off, dispose scopes, its pool
/// of workers) is the same in all of them. After an await a cell goes on wherever it is resumed, as in .NET Interactive.
/// </summary>
internal sealed class CellThread : IDisposable
{
    private const int StackSize = 16 << 20; // a reader's recursion may go deep

    private readonly BlockingCollection<Action> _work = [];

    public CellThread() =>
        new Thread(() => Checkpoint.RunInBlock(StackSize, Work), StackSize) { IsBackground = true, Name = "Cells" }.Start();

    /// <summary>Starts asynchronous work on the thread, after what was given before.</summary>
    public Task<T> Run<T>(Func<Task<T>> work)
    {
        var started = new TaskCompletionSource<Task<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() => started.SetResult(work()));
        return started.Task.Unwrap();
    }

    /// <summary>Lets the thread end when its work is done.</summary>
    public void Dispose() => _work.CompleteAdding();

    private void Work()
    {
        foreach (Action action in _work.GetConsumingEnumerable())
        {
            action();
        }
    }
}

using System.Collections.Concurrent;

namespace AttentionLab.Host.Exploring;

/// <summary>
/// One thread for everything that torch computes: it keeps buffers and a pool of threads for each thread that asks, so that many
/// requests on one thread leave memory flat.
/// </summary>
internal sealed class ComputationThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public ComputationThread()
    {
        _thread = new Thread(Work) { IsBackground = true, Name = "explore" };
        _thread.Start();
    }

    /// <summary>Computes something when everything asked for before is done.</summary>
    /// <exception cref="OperationCanceledException">It was no longer wanted.</exception>
    public Task<T> RunAsync<T>(Func<T> compute, CancellationToken cancellationToken)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(
            () =>
            {
                try
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    result.SetResult(compute());
                }
                catch (OperationCanceledException)
                {
                    result.SetCanceled(cancellationToken);
                }
#pragma warning disable CA1031 // whatever it is belongs to the one who asked
                catch (Exception e)
#pragma warning restore CA1031
                {
                    result.SetException(e);
                }
            },
            CancellationToken.None
        );
        return result.Task;
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Work()
    {
        foreach (Action action in _work.GetConsumingEnumerable())
        {
            action();
        }
    }
}

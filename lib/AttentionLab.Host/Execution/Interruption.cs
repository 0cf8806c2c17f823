using System.Collections.Concurrent;
using System.Runtime;

namespace AttentionLab.Host.Execution;

/// <summary>
/// Stops a cell that does not look at its token. In three stages: the token, which a training loop takes up at its next batch; an
/// interrupt, which wakes threads that sleep or wait; an abort, which ends loops. It is the synchronization context of the cell's
/// code, so that what follows an await can be stopped too, and is not begun after the abort. Native code goes on until it
/// returns, and so does what the cell started by Task.Run, as a thread, or with ConfigureAwait(false).
/// </summary>
internal sealed class Interruption : SynchronizationContext, IDisposable
{
    private static readonly TimeSpan BeforeInterrupt = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan BeforeAbort = TimeSpan.FromMilliseconds(150);

    /// <summary>How long code that returns from native code late, or does much in its finally blocks, is waited for.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _abort = new(); // with a token that cannot be cancelled ControlledExecution hangs after an earlier abort
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentBag<CellThread> _idle;
    private readonly CancellationTokenRegistration _asked;
    private readonly Lock _gate = new();
    private readonly List<Thread> _workers = [];
    private bool _interrupted;
    private volatile bool _begun;
    private volatile bool _ended;

    /// <param name="idle">
    /// Threads for what follows an await. As many are added as are needed at once, so that code that waits for other code does not
    /// hold it up. Not the pool's: a thread on which a loop caught the abort cannot be aborted again, and is never used again.
    /// </param>
    /// <param name="token">Stops the cell.</param>
    public Interruption(ConcurrentBag<CellThread> idle, CancellationToken token)
    {
        _idle = idle;
        Token = token;

        // Its own thread: the cell may keep the whole pool busy, and abort waits for the worker to reach managed code.
        _asked = token.UnsafeRegister(_ => new Thread(Stop) { IsBackground = true, Name = "Interruption" }.Start(), null);
    }

    /// <summary>Asks the cell to stop.</summary>
    public CancellationToken Token { get; }

    /// <summary>Ends after the last stage, when no more can be done.</summary>
    public Task Over => _over.Task;

    /// <summary>Whether, in the end, work of the cell may go on that could not be stopped.</summary>
    public bool LeavesWork { get; private set; }

    /// <summary>Whether the cell was aborted.</summary>
    public bool Aborted => _abort.IsCancellationRequested;

    /// <summary>Runs code of the cell on this thread.</summary>
    /// <exception cref="OperationCanceledException">It was aborted.</exception>
    public T Run<T>(Func<T> work)
    {
        SynchronizationContext? before = Current;
        T result = default!;
        try
        {
            lock (_gate)
            {
                _workers.Add(Thread.CurrentThread);
            }

            _begun = true;
            SetSynchronizationContext(this);
#pragma warning disable SYSLIB0046 // the only way to end a loop that nobody wrote to be ended
            ControlledExecution.Run(() => result = work(), _abort.Token);
#pragma warning restore SYSLIB0046
            return result;
        }
        finally
        {
            SetSynchronizationContext(before);
            Leave();
        }
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Aborted)
        {
            return;
        }

        CellThread thread = _idle.TryTake(out CellThread? idle) ? idle : new CellThread();
        thread.Post(() =>
        {
            try
            {
                Run(() =>
                {
                    d(state);
                    return 0;
                });
            }
            catch (OperationCanceledException) when (Aborted)
            {
                // The task that went on here knows it already.
            }

            if (Aborted)
            {
                thread.Dispose();
            }
            else
            {
                _idle.Add(thread);
            }
        });
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state) => d(state);

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>The cell has ended: nothing is to be stopped any more.</summary>
    public void Dispose()
    {
        _ended = true;
        _asked.Dispose();
    }

    private void Stop()
    {
        Thread.Sleep(BeforeInterrupt);
        lock (_gate)
        {
            _interrupted = true;
            _workers.ForEach(worker => worker.Interrupt());
        }

        Thread.Sleep(BeforeAbort);
        if (!_ended)
        {
            bool waits = _begun && !IsRunning(); // for what may never come
            new Thread(_abort.Cancel) { IsBackground = true, Name = "Abort" }.Start(); // it waits for each worker in turn
            SpinWait.SpinUntil(() => _ended || (_begun && !IsRunning()), Grace);
            SpinWait.SpinUntil(() => _ended, BeforeAbort); // a cell aborted after an await does not always tell its end
            LeavesWork = waits || IsRunning();
            _over.SetResult();
        }
    }

    private bool IsRunning()
    {
        lock (_gate)
        {
            return _workers.Count > 0;
        }
    }

    // An interrupt that came too late for the work would hit whatever this thread waits for next.
    private void Leave()
    {
        bool left = false;
        while (true)
        {
            try
            {
                lock (_gate)
                {
                    left = left || _workers.Remove(Thread.CurrentThread);
                }

                Thread.Sleep(_interrupted ? 1 : 0);
                return;
            }
            catch (ThreadInterruptedException)
            {
            }
        }
    }
}

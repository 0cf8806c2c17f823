namespace AttentionLab.Kernel.Session;

/// <summary>
/// The cell that runs now; Console and display write to it. One for the process, as Console is, and no AsyncLocal: a timer
/// started by an earlier cell writes to the cell that runs when it writes.
/// </summary>
internal sealed record RunningCell(IOutputSink Output, CancellationToken CancellationToken)
{
    private static volatile RunningCell? s_current;
    private readonly Lock _gate = new();
    private readonly Dictionary<Thread, bool> _poolThreads = []; // and whether each was interrupted
    private volatile bool _wasInterrupted;
    private volatile bool _wasCancelled;
    private volatile bool _runsCode;
    private volatile bool _isLeft;
    private readonly TaskCompletionSource _givenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The cell that runs, or ran last; null when no notebook is open.</summary>
    public static RunningCell? Current
    {
        get => s_current;
        set => s_current = value;
    }

    /// <summary>Runs code that the cell sends; null where none can be sent.</summary>
    public Func<string, Task<ExecutionResult>>? Submit { get; init; }

    /// <summary>How long the compiler worked for it so far.</summary>
    public TimeSpan Compilation { get; set; }

    /// <summary>Whether an exception was thrown in it to stop it: whatever it caught, it did not end by itself.</summary>
    public bool WasInterrupted
    {
        get => _wasInterrupted;
        set => _wasInterrupted = value;
    }

    /// <summary>
    /// Whether code that it called, as a library's, threw in order to stop. That code may catch it too, as a training does.
    /// </summary>
    public bool WasCancelled
    {
        get => _wasCancelled;
        set => _wasCancelled = value;
    }

    /// <summary>Whether what the reader wrote runs, and not what prepares it, such as the compiler.</summary>
    public bool RunsCode
    {
        get => _runsCode;
        set => _runsCode = value;
    }

    /// <summary>Ends when so many functions await each other that the cell, asked to stop, is not waited for.</summary>
    public Task GivenUp => _givenUp.Task;

    /// <summary>Lets <see cref="GivenUp"/> end.</summary>
    public void GiveUp() => _givenUp.TrySetResult();

    /// <summary>Whether it was stopped and is not waited for: what it declared so far is not kept.</summary>
    public bool IsLeft
    {
        get => _isLeft;
        set => _isLeft = value;
    }

    /// <summary>Whether no thread of the pool runs code of the cell.</summary>
    public bool HasLeftPool
    {
        get
        {
            lock (_gate)
            {
                return _poolThreads.Count == 0;
            }
        }
    }

    /// <summary>This thread of the pool runs code of the cell from now on.</summary>
    public void EnterPoolThread() =>
        Undisturbed(() =>
        {
            lock (_gate)
            {
                _poolThreads.TryAdd(Thread.CurrentThread, false);
            }
        });

    /// <summary>
    /// This thread of the pool goes on to other work; an interrupt that came too late for the cell must not reach that.
    /// </summary>
    public void LeavePoolThread()
    {
        bool interrupted = false;
        Undisturbed(() =>
        {
            lock (_gate)
            {
                interrupted |= _poolThreads.Remove(Thread.CurrentThread, out bool was) && was;
            }
        });
        if (interrupted)
        {
            Undisturbed(() => Thread.Sleep(1));
        }
    }

    /// <summary>Wakes the threads of the pool that sleep or wait in the cell's code, as after an await.</summary>
    public void InterruptPoolThreads()
    {
        lock (_gate)
        {
            foreach (Thread thread in _poolThreads.Keys.Where(IsWaiting).ToArray())
            {
                _poolThreads[thread] = true;
                WasInterrupted = true;
                thread.Interrupt();
            }
        }
    }

    private static bool IsWaiting(Thread thread) => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin);

    // An interrupt may hit what is not work of the cell.
    private static void Undisturbed(Action action)
    {
        while (true)
        {
            try
            {
                action();
                return;
            }
            catch (ThreadInterruptedException)
            {
                // It is spent now.
            }
        }
    }
}

namespace AttentionLab.Kernel.Session;

/// <summary>
/// The cell that runs now; Console and display write to it. One for the process, as Console is, and no AsyncLocal: a timer
/// started by an earlier cell writes to the cell that runs when it writes.
/// </summary>
internal sealed record RunningCell(IOutputSink Output, CancellationToken CancellationToken)
{
    private static volatile RunningCell? s_current;
    private volatile bool _wasInterrupted;

    /// <summary>The cell that runs, or ran last; null when no notebook is open.</summary>
    public static RunningCell? Current
    {
        get => s_current;
        set => s_current = value;
    }

    /// <summary>Whether an exception was thrown in it to stop it: whatever it caught, it did not end by itself.</summary>
    public bool WasInterrupted
    {
        get => _wasInterrupted;
        set => _wasInterrupted = value;
    }
}

using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// Where a cell's code can be stopped, on whatever thread it runs and after any await. <see cref="CheckpointInsertion"/> writes the calls
/// into what cells say; nobody writes them by hand.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Checkpoint
{
    // Code that looks at its token by itself, as a training loop does at its next batch, ends in its own way first.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(400);

    // Goes wherever the cell's code goes: a loop that an earlier cell left on another thread is not stopped with this one.
    private static readonly AsyncLocal<CancellationToken> s_cell = new();

    private static bool s_stopping;
    private static long s_graceEnd;

    /// <summary>Lets code go on, unless its cell was asked to stop.</summary>
    /// <exception cref="OperationCanceledException">The cell was asked to stop.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pass()
    {
        // A loop pays next to nothing: the slow part comes only after an interrupt.
        if (Volatile.Read(ref s_stopping))
        {
            StopHere();
        }
    }

    /// <summary>What runs from here on, and what it starts, belongs to the cell that this token stops.</summary>
    internal static void Enter(CancellationToken cell)
    {
        s_cell.Value = cell;
        Volatile.Write(ref s_stopping, false);
        if (cell.IsCancellationRequested)
        {
            Stop();
        }
    }

    /// <summary>From now on <see cref="Pass"/> looks at its cell's token.</summary>
    internal static void Stop()
    {
        s_graceEnd = Environment.TickCount64 + (long)Grace.TotalMilliseconds;
        Volatile.Write(ref s_stopping, true);
    }

    private static void StopHere()
    {
        if (Environment.TickCount64 >= s_graceEnd)
        {
            s_cell.Value.ThrowIfCancellationRequested();
        }
    }
}

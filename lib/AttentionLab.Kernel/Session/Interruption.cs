using System.Runtime;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// Stops work that neither looks at its token nor comes by a <see cref="Checkpoint"/>: an interrupt wakes a thread that sleeps or waits;
/// then, as the runtime may not survive it, only as the last resort, an abort ends a loop inside a library. Native code goes on until it returns.
/// </summary>
internal static class Interruption
{
    private static readonly TimeSpan BeforeInterrupt = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan BeforeAbort = TimeSpan.FromMilliseconds(150);

    /// <summary>Runs work on this thread.</summary>
    /// <param name="work">The work.</param>
    /// <param name="aborting">Called before the abort: a loop that catches it can be ended that way only once on a thread.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="OperationCanceledException">The work was aborted.</exception>
    public static T Run<T>(Func<T> work, Action aborting, CancellationToken cancellationToken)
    {
        Thread worker = Thread.CurrentThread;
        var gate = new Lock();
        bool ended = false,
            interrupted = false;
        var abort = new CancellationTokenSource(); // with a token that cannot be cancelled ControlledExecution hangs after an earlier abort
        T result = default!;
        try
        {
            // Its own thread: the cell may keep the whole pool busy, and abort waits for the worker to reach managed code.
            using (
                cancellationToken.UnsafeRegister(
                    _ => new Thread(Stop) { IsBackground = true, Name = "Interruption" }.Start(),
                    null
                )
            )
            {
#pragma warning disable SYSLIB0046 // the only way to end a loop that nobody wrote to be ended
                ControlledExecution.Run(() => result = work(), abort.Token);
#pragma warning restore SYSLIB0046
            }

            return result;
        }
        finally
        {
            End();
        }

        void Stop()
        {
            Thread.Sleep(BeforeInterrupt);
            lock (gate)
            {
                if (ended)
                {
                    return;
                }

                interrupted = true;
                worker.Interrupt();
            }

            Thread.Sleep(BeforeAbort);
            if (!Volatile.Read(ref ended))
            {
                aborting();
                abort.Cancel();
            }
        }

        // An interrupt that came too late for the work would hit whatever this thread waits for next.
        void End()
        {
            while (true)
            {
                try
                {
                    lock (gate)
                    {
                        ended = true;
                    }

                    Thread.Sleep(interrupted ? 1 : 0);
                    return;
                }
                catch (ThreadInterruptedException)
                {
                    interrupted = false;
                }
            }
        }
    }
}

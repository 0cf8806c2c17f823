namespace AttentionLab.Kernel.Session;

/// <summary>
/// Stops work that neither looks at its token nor comes by a <see cref="Checkpoint"/>, if it sleeps or waits. Work inside a
/// library or native code goes on until it returns: an abort of its thread could end the whole process.
/// </summary>
internal static class Interruption
{
    /// <summary>How long code may take to end in its own way before it is woken.</summary>
    public static readonly TimeSpan BeforeInterrupt = TimeSpan.FromMilliseconds(600);

    /// <summary>Runs work on this thread.</summary>
    /// <param name="work">The work.</param>
    /// <param name="cell">The cell it belongs to; its token stops the work.</param>
    /// <exception cref="ThreadInterruptedException">The work slept or waited when it was stopped.</exception>
    public static T Run<T>(Func<T> work, RunningCell cell)
    {
        Thread worker = Thread.CurrentThread;
        var gate = new Lock();
        bool ended = false,
            interrupted = false;
        try
        {
            // Its own thread: the cell may keep the whole pool busy.
            using (
                cell.CancellationToken.UnsafeRegister(
                    _ => new Thread(Stop) { IsBackground = true, Name = "Interruption" }.Start(),
                    null
                )
            )
            {
                return work();
            }
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
                if (!ended)
                {
                    interrupted = true;
                    worker.Interrupt();
                }
            }
        }

        // An interrupt that came too late for the work would hit whatever this thread waits for next.
        void End()
        {
            bool tooLate = false;
            while (true)
            {
                try
                {
                    lock (gate)
                    {
                        ended = true;
                    }

                    Thread.Sleep(interrupted && !tooLate ? 1 : 0);
                    break;
                }
                catch (ThreadInterruptedException)
                {
                    tooLate = true;
                }
            }

            if (interrupted && !tooLate)
            {
                cell.WasInterrupted = true;
            }
        }
    }
}

namespace AttentionLab.Kernel.Session;

/// <summary>
/// Gives the thread pool more threads while work waits in it and none ends, as when a cell starts many tasks that spin. NetMQ
/// receives on the pool, so an interrupt could not come through: the runtime takes a second for each thread that is there before
/// it adds another.
/// </summary>
internal sealed class PoolRelief : IDisposable
{
    private const int AtOnce = 16,
        Most = 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly ManualResetEvent _ended = new(false);
    private readonly Thread _thread;

    /// <summary>Begins to watch.</summary>
    public PoolRelief()
    {
        _thread = new Thread(Watch) { IsBackground = true, Name = "Relief of the pool" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ended.Set();
        _thread.Join();
        _ended.Dispose();
    }

    private void Watch()
    {
        ThreadPool.GetMinThreads(out int usual, out int ports);
        int fewest = usual;
        long ended = ThreadPool.CompletedWorkItemCount;
        while (!_ended.WaitOne(Interval))
        {
            long now = ThreadPool.CompletedWorkItemCount;
            bool waits = ThreadPool.PendingWorkItemCount > 0;
            int wanted =
                waits && now == ended ? Math.Min(Math.Max(fewest, ThreadPool.ThreadCount) + AtOnce, Most)
                : waits ? fewest
                : usual;
            if (wanted != fewest && ThreadPool.SetMinThreads(wanted, ports))
            {
                fewest = wanted;
            }

            ended = now;
        }

        ThreadPool.SetMinThreads(usual, ports);
    }
}

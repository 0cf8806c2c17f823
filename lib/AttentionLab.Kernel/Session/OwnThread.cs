namespace AttentionLab.Kernel.Session;

/// <summary>Work that must not wait for the thread pool, which a cell may keep busy.</summary>
internal static class OwnThread
{
    /// <summary>Begins work on a new thread.</summary>
    public static Task Run(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}

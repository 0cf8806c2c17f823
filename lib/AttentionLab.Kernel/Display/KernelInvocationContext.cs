using AttentionLab.Kernel.Session;

namespace Microsoft.DotNet.Interactive;

/// <summary>The run of the current cell.</summary>
public sealed class KernelInvocationContext
{
    private KernelInvocationContext(CancellationToken cancellationToken) => CancellationToken = cancellationToken;

    /// <summary>The run of the cell that runs now; null when none does.</summary>
    public static KernelInvocationContext? Current =>
        RunningCell.Current is { } cell ? new KernelInvocationContext(cell.CancellationToken) : null;

    /// <summary>Asks the cell to stop: when the reader interrupts it, or the runner is stopped. For long work.</summary>
    public CancellationToken CancellationToken { get; }
}

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

#pragma warning disable CA1822 // this run's, not the class's, as notebooks have it
    /// <summary>The kernel that runs the cell.</summary>
    public Kernel HandlingKernel => Kernel.Current;

    /// <summary>Shows a value below the cell.</summary>
    /// <inheritdoc cref="Kernel.display(object?, string[])"/>
    public DisplayedValue Display(object? value, params string[] mimeTypes) => DisplayedValue.Show(value, mimeTypes);

    /// <summary>Shows text as what a MIME type says.</summary>
    /// <inheritdoc cref="DisplayExtensions.DisplayAs"/>
    public DisplayedValue DisplayAs(string value, string mimeType) => value.DisplayAs(mimeType);
#pragma warning restore CA1822
}

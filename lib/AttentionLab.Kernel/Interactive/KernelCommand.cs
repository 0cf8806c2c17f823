namespace Microsoft.DotNet.Interactive.Commands;

/// <summary>What can be sent to a kernel.</summary>
/// <param name="targetKernelName">Which kernel it is for; null for the one that it is sent to.</param>
public abstract class KernelCommand(string? targetKernelName = null)
{
    /// <summary>Which kernel it is for; null for the one that it is sent to.</summary>
    public string? TargetKernelName { get; } = targetKernelName;
}

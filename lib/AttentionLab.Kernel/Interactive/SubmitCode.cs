namespace Microsoft.DotNet.Interactive.Commands;

/// <summary>Code to run.</summary>
/// <param name="code">The code, as it stands in a cell.</param>
/// <param name="targetKernelName">Which kernel it is for; null for the one that it is sent to.</param>
public sealed class SubmitCode(string code, string? targetKernelName = null) : KernelCommand(targetKernelName)
{
    /// <summary>The code.</summary>
    public string Code { get; } = code ?? throw new ArgumentNullException(nameof(code));
}

using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Events;

namespace Microsoft.DotNet.Interactive;

/// <summary>How a command ended.</summary>
public sealed class KernelCommandResult
{
    internal KernelCommandResult(KernelCommand command, IReadOnlyList<KernelEvent> events) =>
        (Command, Events) = (command, events);

    /// <summary>The command.</summary>
    public KernelCommand Command { get; }

    /// <summary>
    /// What the kernel said: <see cref="ReturnValueProduced"/> when there is a value, last <see cref="CommandSucceeded"/> or
    /// <see cref="CommandFailed"/>.
    /// </summary>
    public IReadOnlyList<KernelEvent> Events { get; }
}

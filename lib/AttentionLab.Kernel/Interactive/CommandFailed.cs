namespace Microsoft.DotNet.Interactive.Events;

/// <summary>The command failed. The last event.</summary>
/// <param name="Message">Why.</param>
public sealed record CommandFailed(string Message) : KernelEvent;

namespace Microsoft.DotNet.Interactive.Events;

/// <summary>The command ran to its end. The last event.</summary>
public sealed record CommandSucceeded : KernelEvent;

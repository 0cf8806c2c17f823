namespace Microsoft.DotNet.Interactive.Events;

/// <summary>What a kernel says about a command.</summary>
public abstract record KernelEvent;

namespace Microsoft.DotNet.Interactive.Events;

/// <summary>The code ended in an expression.</summary>
/// <param name="Value">Its value.</param>
public sealed record ReturnValueProduced(object Value) : KernelEvent;

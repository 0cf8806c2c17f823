namespace AttentionLab.Kernel.Session;

/// <summary>How a cell ended.</summary>
/// <param name="Value">The value of its last expression, when there is one.</param>
/// <param name="Error">Why it failed; null when it did not.</param>
/// <param name="Cancelled">Whether it was stopped from outside.</param>
internal sealed record ExecutionResult(object? Value = null, CellError? Error = null, bool Cancelled = false)
{
    /// <summary>Whether the cell ran to its end.</summary>
    public bool Succeeded => Error is null && !Cancelled;
}

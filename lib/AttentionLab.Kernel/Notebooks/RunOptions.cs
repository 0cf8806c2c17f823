namespace AttentionLab.Kernel.Notebooks;

/// <summary>What a run of notebooks does about cells that fail or do not end.</summary>
/// <param name="AllowErrors">Whether the cells after one that failed run too.</param>
/// <param name="CellTimeout">How long a cell may run; null for any time.</param>
internal sealed record RunOptions(bool AllowErrors = false, TimeSpan? CellTimeout = null)
{
    /// <summary>Stores outputs in the notebooks' own files; null to leave these as they are.</summary>
    public StoredOutputs? Store { get; init; }
}

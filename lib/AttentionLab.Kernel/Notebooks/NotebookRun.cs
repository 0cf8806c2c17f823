using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>A notebook that was run, its outputs in it.</summary>
/// <param name="Notebook">The notebook.</param>
/// <param name="Elapsed">How long it ran.</param>
/// <param name="Error">What stopped it; null when nothing did.</param>
/// <param name="Cancelled">Whether it was stopped from outside.</param>
internal sealed record NotebookRun(Notebook Notebook, TimeSpan Elapsed, CellError? Error, bool Cancelled)
{
    /// <summary>Whether every cell ran.</summary>
    public bool Succeeded => Error is null && !Cancelled;

    /// <summary>How it ended, in a word.</summary>
    public string Status =>
        Error is not null ? "failed"
        : Cancelled ? "stopped"
        : "ran";
}

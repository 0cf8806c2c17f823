namespace AttentionLab.Kernel.Notebooks;

/// <summary>A notebook on the list of a command: first to be run, then run, or not even readable.</summary>
/// <param name="Target">Where the executed notebook is written.</param>
/// <param name="Notebook">The notebook; null when it could not be read.</param>
/// <param name="Unreadable">Why it could not.</param>
internal sealed record PlannedRun(string Target, Notebook? Notebook, string? Unreadable = null)
{
    /// <summary>The page beside the executed notebook.</summary>
    public string Page => Path.ChangeExtension(Target, ".html");

    /// <summary>What came of it; null while it has not run.</summary>
    public NotebookRun? Run { get; set; }

    /// <summary>What went wrong: file, cell, line and reason. Null when nothing did.</summary>
    public string? Problem =>
        Unreadable
        ?? (
            Run?.Error is { } error ? $"{Notebook!.Name}, {error.Location}: {error.Name}: {error.Message}"
            : Run is { Cancelled: true } ? $"{Notebook!.Name}: stopped"
            : null
        );
}

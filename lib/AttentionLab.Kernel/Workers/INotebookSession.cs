using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Workers;

/// <summary>Where a notebook's cells run, one after the other, each seeing what those before it declared.</summary>
internal interface INotebookSession : IAsyncDisposable
{
    /// <summary>Whether no further cell can run here, because the process of the session is gone.</summary>
    bool HasEnded { get; }

    /// <summary>Sets the folder that relative paths start from. Called once, before the first cell.</summary>
    void Begin(string folder);

    /// <summary>Runs a cell; what it shows goes to <paramref name="outputs"/>.</summary>
    /// <param name="code">The cell's text.</param>
    /// <param name="name">What it is called in errors: "cell 3".</param>
    /// <param name="outputs">Takes what the cell shows.</param>
    /// <param name="cancellationToken">Stops the cell.</param>
    Task<ExecutionResult> ExecuteAsync(string code, string name, NotebookOutputs outputs, CancellationToken cancellationToken);

    /// <summary>Waits for what the last cell set off and gives its error; null when there is none.</summary>
    Task<CellError?> FinishAsync();
}

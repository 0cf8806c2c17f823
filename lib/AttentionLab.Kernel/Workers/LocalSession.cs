using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using Microsoft.DotNet.Interactive.Formatting;

namespace AttentionLab.Kernel.Workers;

/// <summary>Cells run in this process. What one of them does to the process, it does to its host.</summary>
internal sealed class LocalSession : INotebookSession
{
    private readonly string _folderBefore = Directory.GetCurrentDirectory();
    private readonly ConsoleCapture _console = new();
    private CSharpEngine? _engine;

    /// <inheritdoc/>
    public bool HasEnded => false;

    /// <inheritdoc/>
    public void Begin(string folder)
    {
        Formatter.ResetToDefault();
        Directory.SetCurrentDirectory(folder);
        _engine = new CSharpEngine(folder);
    }

    /// <inheritdoc/>
    public Task<ExecutionResult> ExecuteAsync(
        string code,
        string name,
        NotebookOutputs outputs,
        CancellationToken cancellationToken
    ) => ExecuteAsync(code, name, (IOutputSink)outputs, cancellationToken);

    /// <summary>Runs a cell; what it shows goes to any sink.</summary>
    public Task<ExecutionResult> ExecuteAsync(
        string code,
        string name,
        IOutputSink output,
        CancellationToken cancellationToken
    ) =>
        _engine is null
            ? throw new InvalidOperationException("The session has not begun.")
            : _engine.ExecuteAsync(code, name, output, cancellationToken);

    /// <inheritdoc/>
    public Task<CellError?> FinishAsync() => Task.FromResult<CellError?>(null);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        RunningCell.Current = null;
        _engine?.Dispose();
        _console.Dispose();
        Directory.SetCurrentDirectory(_folderBefore);
        return ValueTask.CompletedTask;
    }
}

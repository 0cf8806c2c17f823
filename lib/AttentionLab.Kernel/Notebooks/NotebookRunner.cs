using System.Diagnostics;
using System.Globalization;
using AttentionLab.Kernel.Session;
using AttentionLab.Kernel.Workers;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>Runs a notebook from its first cell to its last, or to the first that fails.</summary>
internal static class NotebookRunner
{
    private const string Timeout = "Timeout";

    /// <summary>
    /// Runs the cells in their folder and puts their outputs into the notebook, also those of a notebook that fails.
    /// </summary>
    /// <param name="notebook">The notebook; it is changed.</param>
    /// <param name="session">Where its cells run.</param>
    /// <param name="options">What to do about cells that fail or do not end.</param>
    /// <param name="cellStarted">Called with each cell's number before it runs.</param>
    /// <param name="cancellationToken">Stops the run; outputs so far are kept.</param>
    public static async Task<NotebookRun> RunAsync(
        Notebook notebook,
        INotebookSession session,
        RunOptions options,
        Action<int> cellStarted,
        CancellationToken cancellationToken
    )
    {
        NotebookCell[] cells = [.. notebook.CodeCells.Where(cell => !cell.HasTag(NotebookCell.SkipExecutionTag))];
        foreach (NotebookCell cell in cells)
        {
            cell.Outputs.Clear();
            cell.ExecutionCount = null;
            cell.RanHere = true;
        }

        var watch = Stopwatch.StartNew();
        var outputs = new NotebookOutputs();
        var result = new ExecutionResult();
        int failed = 0,
            number = 0;
        session.Begin(notebook.Folder);
        foreach (NotebookCell cell in notebook.CodeCells)
        {
            // An injected cell has no number of its own: a message's numbers are those of the notebook that its author sees.
            bool injected = cell.HasTag(Parameters.InjectedTag);
            number += injected ? 0 : 1;
            if (cell.HasTag(NotebookCell.SkipExecutionTag))
            {
                continue;
            }

            cell.ExecutionCount = number;
            outputs.Begin(cell);
            if (!injected)
            {
                cellStarted(number);
            }

            string name = injected ? "the values given by --set" : string.Create(CultureInfo.InvariantCulture, $"cell {number}");
            result = await RunCellAsync(notebook, cell, name, session, options, outputs, cancellationToken).ConfigureAwait(false);
            bool expected = cell.HasTag(NotebookCell.RaisesExceptionTag);
            if (result.Error is { Name: not Timeout } && !session.HasEnded && (options.AllowErrors || expected))
            {
                failed += expected ? 0 : 1;
                result = new ExecutionResult();
            }

            if (!result.Succeeded)
            {
                break;
            }
        }

        if (result.Succeeded && await session.FinishAsync().ConfigureAwait(false) is { } late)
        {
            outputs.Error(late);
            result = new ExecutionResult(Error: late);
        }

        outputs.Begin(null);
        int all = notebook.CodeCells.Count(cell => !cell.HasTag(Parameters.InjectedTag));
        return new NotebookRun(
            notebook,
            watch.Elapsed,
            result.Error,
            result.Cancelled,
            failed,
            result.Succeeded ? [] : [.. Enumerable.Range(number + 1, all - number)]
        );
    }

    private static async Task<ExecutionResult> RunCellAsync(
        Notebook notebook,
        NotebookCell cell,
        string name,
        INotebookSession session,
        RunOptions options,
        NotebookOutputs outputs,
        CancellationToken cancellationToken
    )
    {
        long start = Stopwatch.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (options.CellTimeout is { } limit)
        {
            stop.CancelAfter(limit);
        }

        ExecutionResult result = CellLanguage.Translate(notebook, cell, out string code) is { } refusal
            ? new ExecutionResult(Error: CellError.FromDirective(refusal, name, 1))
            : await session.ExecuteAsync(code, name, outputs, stop.Token).ConfigureAwait(false);
        cell.Elapsed = Stopwatch.GetElapsedTime(start);
        if (result.Cancelled && !cancellationToken.IsCancellationRequested)
        {
            string message = string.Create(
                CultureInfo.InvariantCulture,
                $"The cell did not end within {options.CellTimeout?.TotalSeconds:0.###} s and was stopped."
            );
            result = new ExecutionResult(Error: new CellError(Timeout, message, name, [$"{name}: {message}"]));
        }

        if (result.Error is { } error)
        {
            outputs.Error(error);
        }
        else if (result.Cancelled)
        {
            outputs.Error(new CellError("Cancelled", "The run was stopped here.", name, ["The run was stopped here."]));
        }

        return result;
    }
}

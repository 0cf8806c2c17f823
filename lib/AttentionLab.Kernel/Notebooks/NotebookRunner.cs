using System.Diagnostics;
using System.Globalization;
using AttentionLab.Kernel.Session;
using Microsoft.DotNet.Interactive.Formatting;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>Runs a notebook from its first cell to its last, or to the first that fails.</summary>
internal static class NotebookRunner
{
    /// <summary>Runs the cells in their folder and puts their outputs into the notebook, also those of a notebook that fails.</summary>
    /// <param name="notebook">The notebook; it is changed.</param>
    /// <param name="cellStarted">Called with each cell's number before it runs.</param>
    /// <param name="cancellationToken">Stops the run; outputs so far are kept.</param>
    public static async Task<NotebookRun> RunAsync(
        Notebook notebook,
        Action<int> cellStarted,
        CancellationToken cancellationToken
    )
    {
        string before = Directory.GetCurrentDirectory();
        Formatter.ResetToDefault();
        foreach (NotebookCell cell in notebook.CodeCells)
        {
            cell.Outputs.Clear();
            cell.ExecutionCount = null;
        }

        var watch = Stopwatch.StartNew();
        var outputs = new NotebookOutputs();
        using var console = new ConsoleCapture();
        Directory.SetCurrentDirectory(notebook.Folder);
        try
        {
            ExecutionResult result = await RunCellsAsync(notebook, outputs, cellStarted, cancellationToken).ConfigureAwait(false);
            return new NotebookRun(notebook, watch.Elapsed, result.Error, result.Cancelled);
        }
        finally
        {
            outputs.Begin(null);
            RunningCell.Current = null;
            Directory.SetCurrentDirectory(before);
        }
    }

    private static async Task<ExecutionResult> RunCellsAsync(
        Notebook notebook,
        NotebookOutputs outputs,
        Action<int> cellStarted,
        CancellationToken cancellationToken
    )
    {
        using var engine = new CSharpEngine(notebook.Folder);
        var result = new ExecutionResult();
        int number = 0;
        foreach (NotebookCell cell in notebook.CodeCells)
        {
            // An injected cell has no number of its own: a message's numbers are those of the notebook that its author sees.
            bool injected = cell.HasTag(Parameters.InjectedTag);
            number += injected ? 0 : 1;
            cell.ExecutionCount = number;
            outputs.Begin(cell);
            if (!injected)
            {
                cellStarted(number);
            }

            long start = Stopwatch.GetTimestamp();
            string name = injected ? "the values given by --set" : string.Create(CultureInfo.InvariantCulture, $"cell {number}");
            result = await engine.ExecuteAsync(cell.Source, name, outputs, cancellationToken).ConfigureAwait(false);
            cell.Elapsed = Stopwatch.GetElapsedTime(start);
            if (result.Error is { } error)
            {
                outputs.Error(error.Name, error.Message, error.Traceback);
            }
            else if (result.Cancelled)
            {
                outputs.Error("Cancelled", "The run was stopped here.", ["The run was stopped here."]);
            }

            if (!result.Succeeded)
            {
                break;
            }
        }

        return result;
    }
}

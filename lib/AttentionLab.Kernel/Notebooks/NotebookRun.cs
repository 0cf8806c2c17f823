using System.Globalization;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>A notebook that was run, its outputs in it.</summary>
/// <param name="Notebook">The notebook.</param>
/// <param name="Elapsed">How long it ran.</param>
/// <param name="Error">What stopped it; null when nothing did.</param>
/// <param name="Cancelled">Whether it was stopped from outside.</param>
/// <param name="FailedCells">How many cells failed and were allowed to.</param>
/// <param name="NotRun">The numbers of the cells that come after the one where it stopped.</param>
internal sealed record NotebookRun(
    Notebook Notebook,
    TimeSpan Elapsed,
    CellError? Error,
    bool Cancelled,
    int FailedCells,
    IReadOnlyList<int> NotRun
)
{
    /// <summary>Whether every cell ran.</summary>
    public bool Succeeded => Error is null && !Cancelled;

    /// <summary>How it ended, in a word or two.</summary>
    public string Status =>
        Error is not null ? "failed"
        : Cancelled ? "stopped"
        : FailedCells > 0 ? $"ran, {Cells(FailedCells)} failed"
        : "ran";

    /// <summary>What stopped it, in which cell and on which line, and which cells did not run. Null when it succeeded.</summary>
    public string? Problem
    {
        get
        {
            string? stop =
                Error is not null ? $"{Notebook.Name}, {Error.Location}: {Error.Name}: {Error.Message}"
                : Cancelled ? $"{Notebook.Name}: stopped."
                : null;
            return stop is null || NotRun.Count == 0
                ? stop
                : $"{stop}{(stop[^1] is '.' or '!' or '?' ? "" : ".")} Not run: {CellNumbers()}.";
        }
    }

    private string CellNumbers() =>
        NotRun.Count == 1
            ? string.Create(CultureInfo.InvariantCulture, $"cell {NotRun[0]}")
            : string.Create(CultureInfo.InvariantCulture, $"cells {NotRun[0]} to {NotRun[^1]}");

    private static string Cells(int count) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "cell" : "cells")}");
}

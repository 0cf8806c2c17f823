using AttentionLab.Kernel.Html;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>A notebook on the list of a command: first to be run, then run, or not even readable.</summary>
/// <param name="Target">Where the executed notebook is written.</param>
/// <param name="Notebook">The notebook; null when it could not be read.</param>
/// <param name="Unreadable">Why it could not.</param>
internal sealed record PlannedRun(string Target, Notebook? Notebook, string? Unreadable = null)
{
    private const int ShownOfProblem = 2_000;

    /// <summary>The page beside the executed notebook.</summary>
    public string Page => HtmlPage.PathFor(Target);

    /// <summary>What came of it; null while it has not run.</summary>
    public NotebookRun? Run { get; set; }

    /// <summary>What kept it from being run, or its results from being written; null when nothing did.</summary>
    public string? Obstacle { get; set; }

    /// <summary>Plans to run a notebook, if it can be read.</summary>
    public static PlannedRun Read(string source, string target)
    {
        try
        {
            return new PlannedRun(target, Notebook.Read(source));
        }
        catch (NotebookFormatException e)
        {
            return new PlannedRun(target, null, e.Message);
        }
    }

    /// <summary>What went wrong: file, cell, line and reason. Null when nothing did.</summary>
    public string? Problem =>
        string.Join('\n', new[] { Unreadable, Run?.Problem, Obstacle }.OfType<string>()) is { Length: > 0 } problem
            ? Excerpt.Of(problem, ShownOfProblem)
            : null;
}

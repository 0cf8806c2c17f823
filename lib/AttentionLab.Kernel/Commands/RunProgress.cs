using System.Globalization;
using AttentionLab.Kernel.Notebooks;
using Spectre.Console;

namespace AttentionLab.Kernel.Commands;

/// <summary>
/// Shows in the terminal which notebook and which cell runs and for how long; as plain lines where the output is not a terminal.
/// </summary>
internal class RunProgress
{
    private readonly IAnsiConsole _console;

    private RunProgress(IAnsiConsole console) => _console = console;

    /// <summary>Runs an action that reports its progress.</summary>
    public static async Task ShowAsync(TextWriter output, IReadOnlyList<Notebook> notebooks, Func<RunProgress, Task> action)
    {
        (IAnsiConsole console, bool live) = Terminal.Of(output);
        if (!live)
        {
            await action(new RunProgress(console)).ConfigureAwait(false);
            return;
        }

        await console
            .Progress()
            .Columns(
                new SpinnerColumn(),
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new ElapsedTimeColumn()
            )
            .StartAsync(context => action(new Live(console, context, notebooks)))
            .ConfigureAwait(false);
    }

    /// <summary>A notebook starts.</summary>
    public virtual void Begin(Notebook notebook) => _console.WriteLine($"{notebook.Name}: {Count(notebook)} cells");

    /// <summary>A cell starts.</summary>
    public virtual void Cell(Notebook notebook, int number) =>
        _console.WriteLine($"{notebook.Name}: cell {number} of {Count(notebook)}");

    /// <summary>A notebook has ended.</summary>
    public virtual void End(NotebookRun run) =>
        _console.WriteLine(
            $"{run.Notebook.Name}: {run.Status} {(run.Succeeded ? "in" : "after")} "
                + $"{run.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s"
        );

    private static int Count(Notebook notebook) => notebook.CodeCells.Count(cell => !cell.HasTag(Parameters.InjectedTag));

    private sealed class Live : RunProgress
    {
        private readonly ProgressContext _context;
        private readonly Dictionary<Notebook, ProgressTask> _tasks;

        public Live(IAnsiConsole console, ProgressContext context, IReadOnlyList<Notebook> notebooks)
            : base(console)
        {
            _context = context;
            _tasks = notebooks.ToDictionary(
                notebook => notebook,
                notebook =>
                    context.AddTask(Markup.Escape(notebook.Name), autoStart: false, maxValue: Math.Max(1, Count(notebook)))
            );
        }

        public override void Begin(Notebook notebook) => _tasks[notebook].StartTask();

        public override void Cell(Notebook notebook, int number)
        {
            _tasks[notebook].Value = number - 1;
            _tasks[notebook].Description = Markup.Escape($"{notebook.Name}  cell {number} of {Count(notebook)}");
        }

        public override void End(NotebookRun run)
        {
            ProgressTask task = _tasks[run.Notebook];
            task.Description = Markup.Escape(run.Notebook.Name) + $" [{(run.Succeeded ? "green" : "red")}]{run.Status}[/]";
            if (run.Succeeded)
            {
                task.Value = task.MaxValue;
            }

            task.StopTask();
            _context.Refresh();
        }
    }
}

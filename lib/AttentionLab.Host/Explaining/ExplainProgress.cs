using AttentionLab.Kernel.Commands;
using Spectre.Console;

namespace AttentionLab.Host.Explaining;

/// <summary>Shows in the terminal which method runs and how far it is; as plain lines where the output is not a
/// terminal.</summary>
internal class ExplainProgress : IProgress<double>
{
    private readonly IAnsiConsole _console;

    private ExplainProgress(IAnsiConsole console) => _console = console;

    /// <summary>Runs an action that reports its progress.</summary>
    public static async Task<T> ShowAsync<T>(TextWriter output, Func<ExplainProgress, T> action)
    {
        (IAnsiConsole console, bool live) = Terminal.Of(output);
        if (!live)
        {
            return action(new ExplainProgress(console));
        }

        return await console
            .Progress()
            .Columns(
                new SpinnerColumn(),
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new ElapsedTimeColumn(),
                new RemainingTimeColumn()
            )
            .StartAsync(context => Task.Run(() => action(new Live(console, context))))
            .ConfigureAwait(false);
    }

    /// <summary>A method starts.</summary>
    public virtual void Begin(string method) => _console.WriteLine(method);

    /// <summary>The method is so far, from 0 to 1.</summary>
    public virtual void Report(double value) { }

    /// <summary>The method has ended.</summary>
    public virtual void End() { }

    private sealed class Live(IAnsiConsole console, ProgressContext context) : ExplainProgress(console)
    {
        private ProgressTask? _task;

        public override void Begin(string method) => _task = context.AddTask(Markup.Escape(method), maxValue: 1);

        public override void Report(double value) => _task!.Value = value;

        public override void End()
        {
            _task!.Value = 1;
            _task.StopTask();
        }
    }
}

using System.Globalization;
using AttentionLab.Kernel.Commands;
using AttentionLab.Training;
using Spectre.Console;

namespace AttentionLab.Host.Training;

/// <summary>
/// Shows in the terminal how far training is, with a bar for the epoch and one for the run; in plain lines where there is no
/// terminal.
/// </summary>
internal class TrainProgress
{
    private readonly IAnsiConsole _console;

    private TrainProgress(IAnsiConsole console) => _console = console;

    /// <summary>Runs an action that reports its progress.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="onlyLive">Whether to say nothing where there is no terminal.</param>
    /// <param name="action">Is given what to report to.</param>
    public static async Task<T> ShowAsync<T>(TextWriter output, bool onlyLive, Func<Action<TrainingProgress>, T> action)
    {
        (IAnsiConsole console, bool live) = Terminal.Of(output);
        if (!live)
        {
            return action(onlyLive ? _ => { } : new TrainProgress(console).Report);
        }

        return await console
            .Progress()
            .AutoClear(true) // what an epoch brought stays, as a line above the bars
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(context => Task.Run(() => action(new Live(console, context).Report)))
            .ConfigureAwait(false);
    }

    /// <summary>A step or an epoch is done.</summary>
    public virtual void Report(TrainingProgress progress)
    {
        if (progress.IsMilestone)
        {
            _console.WriteLine(progress.ToString());
        }
    }

    private sealed class Live(IAnsiConsole console, ProgressContext context) : TrainProgress(console)
    {
        private readonly ProgressTask _epoch = context.AddTask("Epoch"),
            _run = context.AddTask("All");

        public override void Report(TrainingProgress progress)
        {
            if (progress.Finished is { } epoch)
            {
                // As wide as the terminal, since the bar's old line is written over, and no wider, since a second line would not
                // be.
                string line = Line(epoch);
                int width = _console.Profile.Width - 1;
                _console.WriteLine(line.Length > width ? line[..width] : line.PadRight(width));
            }

            _epoch.MaxValue = progress.Batches;
            _epoch.Value = progress.Batch;
            string doing = progress.Batch == progress.Batches && progress.Finished is null ? ", testing" : "";
            _epoch.Description = Markup.Escape(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Epoch {progress.Epoch}/{progress.Epochs}, loss {progress.RunningLoss:0.0000}, accuracy "
                        + $"{100 * progress.RunningAccuracy:0.0} %{doing}"
                )
            );
            _run.MaxValue = (double)progress.Epochs * progress.Batches;
            _run.Value = progress.Iteration;
            _run.Description = Markup.Escape(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{progress.ImagesPerSecond:#,0} images/s, {TimeLeft(progress.TimeLeft)} left"
                )
            );
        }

        private static string Line(EpochRecord epoch)
        {
            string validation = epoch.ValidationAccuracy is { } accuracy
                ? string.Create(CultureInfo.InvariantCulture, $"validation {100 * accuracy:0.00} %, ")
                : "";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"Epoch {epoch.Epoch}: train {100 * epoch.TrainAccuracy:0.00} %, {validation}test "
                    + $"{100 * epoch.TestAccuracy:0.00} %, loss {epoch.TestLoss:0.0000}, {epoch.Duration.TotalSeconds:0} s"
            );
        }

        private static string TimeLeft(TimeSpan time) =>
            time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes} min"
            : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s"
            : $"{time.Seconds} s";
    }
}

using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Kernel.Commands;
using Spectre.Console;

namespace AttentionLab.Host.Commands;

/// <summary>Shows a download in the terminal; as plain lines, one for each tenth, where the output is not a terminal.</summary>
internal class DownloadBar : IProgress<DownloadProgress>
{
    private readonly IAnsiConsole _console;
    private long _tenth = -1;

    private DownloadBar(IAnsiConsole console) => _console = console;

    /// <summary>Runs an action that reports its progress.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="onlyLive">Whether to say nothing where there is no terminal.</param>
    /// <param name="action">Is given what to report to.</param>
    public static async Task ShowAsync(TextWriter output, bool onlyLive, Func<IProgress<DownloadProgress>?, Task> action)
    {
        (IAnsiConsole console, bool live) = Terminal.Of(output);
        if (!live)
        {
            await action(onlyLive ? null : new DownloadBar(console)).ConfigureAwait(false);
            return;
        }

        await console
            .Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new DownloadedColumn(),
                new TransferSpeedColumn(),
                new RemainingTimeColumn()
            )
            .StartAsync(context => action(new Live(console, context)))
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public virtual void Report(DownloadProgress value)
    {
        long tenth = 10 * value.Bytes / value.TotalBytes;
        if (tenth != _tenth)
        {
            _tenth = tenth;
            _console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{10 * tenth} % of {value.TotalBytes / 1048576.0:0} MiB, {value.BytesPerSecond / 1048576:0.0} MiB/s"
                )
            );
        }
    }

    private sealed class Live(IAnsiConsole console, ProgressContext context) : DownloadBar(console)
    {
        private readonly ProgressTask _task = context.AddTask("CIFAR-10");

        public override void Report(DownloadProgress value)
        {
            _task.MaxValue = value.TotalBytes;
            _task.Value = value.Bytes;
            if (value.Bytes == value.TotalBytes)
            {
                _task.Description = "CIFAR-10, unpacking";
            }
        }
    }
}

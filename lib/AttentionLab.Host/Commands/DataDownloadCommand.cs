using System.CommandLine;
using AttentionLab.Data;

namespace AttentionLab.Host.Commands;

/// <summary>The command <c>data download</c>.</summary>
internal static class DataDownloadCommand
{
    /// <summary>The subcommand.</summary>
    public static Command Create()
    {
        var data = new Option<string>("--data")
        {
            Required = true,
            HelpName = "folder",
            Description = "Where the folder cifar-10-batches-bin shall be; made when absent.",
        };
        Option<bool> json = DataCommand.Json;
        var command = new Command("download", "Downloads CIFAR-10, checks and unpacks it; does nothing when it is there.")
        {
            data,
            json,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                CommandLine.ReportErrorsAsync(
                    parsed,
                    streams =>
                        RunAsync(
                            streams,
                            OutputPath.Folder(data, parsed.GetValue(data)!),
                            parsed.GetValue(json),
                            cancellationToken
                        )
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        InvocationConfiguration streams,
        string root,
        bool asJson,
        CancellationToken cancellationToken
    )
    {
        bool present = Cifar10.IsPresent(root);
        if (present)
        {
            // Tidies up behind a process that was killed at its very end.
            await Cifar10.DownloadAsync(root, null, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await DownloadBar
                .ShowAsync(
                    asJson ? streams.Error : streams.Output,
                    onlyLive: asJson,
                    bar => Cifar10.DownloadAsync(root, bar, cancellationToken)
                )
                .ConfigureAwait(false);
        }

        await (
            asJson
                ? JsonOutput.WriteAsync(streams.Output, new { Folder = root, Downloaded = !present })
                : streams.Output.WriteLineAsync(present ? $"CIFAR-10 is in {root} already." : $"CIFAR-10 is in {root}.")
        ).ConfigureAwait(false);
        return 0;
    }
}

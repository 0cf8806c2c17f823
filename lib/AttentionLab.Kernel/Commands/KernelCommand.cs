using System.CommandLine;
using AttentionLab.Kernel.Jupyter;
using AttentionLab.Kernel.Session;
using AttentionLab.Kernel.Workers;
using NetMQ;

namespace AttentionLab.Kernel.Commands;

/// <summary>The command <c>kernel</c>, which VS Code and Jupyter start: cells come and outputs go by sockets.</summary>
internal static class KernelCommand
{
    public const string Name = "kernel";

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var file = new Option<string>("--connection-file")
        {
            HelpName = "file",
            Required = true,
            Description = "Tells ports and key; the client writes it.",
        };
        var any = new Option<bool>("--any-address")
        {
            Description = "Also listen on an address that other machines can reach. They run code here if they know the key.",
        };
        var content = new Option<bool>("--log-messages")
        {
            Description = "Show every message on standard error, with what cells and outputs hold.",
        };
        var command = new Command(Name, "The C# kernel. Started by VS Code and Jupyter, not by hand.") { file, any, content };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                TextWriter error = parsed.InvocationConfiguration.Error;
                try
                {
                    ConnectionFile connection = ConnectionFile.Read(parsed.GetValue(file)!, parsed.GetValue(any));
                    return await RunAsync(connection, parsed.GetValue(content), error, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (e is ConnectionFileException or NetMQException)
                {
                    await error.WriteLineAsync($"The kernel did not start. {e.Message}").ConfigureAwait(false);
                    return ExitCode.Failed;
                }
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(
        ConnectionFile connection,
        bool logContent,
        TextWriter error,
        CancellationToken cancellationToken
    )
    {
        TextWriter log = TextWriter.Synchronized(error);
        JupyterKernel? kernel = null;
        // Until the process ends: a second signal while the sockets close would end it as if it had crashed.
        using var signals = new StopSignals(log, cancellationToken, interrupt: () => Volatile.Read(ref kernel)?.Interrupt());
        using CrashLog? crashLog = CrashLog.TryStart(log.WriteLine);
        Packages.ClearLeftBehind();
        using (kernel = new(connection, Environment.CurrentDirectory, log.WriteLine, logContent, NativeOutput.TryRedirect()))
        {
            using CancellationTokenRegistration stop = signals.Token.Register(kernel.Stop);
            ParentWatch.Start(kernel.Stop, log.WriteLine);
            UnhandledExceptions.GoToCells();
            await kernel.RunAsync().ConfigureAwait(false);
        }

        crashLog?.Dispose();
        ProcessEnd.Now(0);
        return 0;
    }
}

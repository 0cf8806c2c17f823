using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using AttentionLab.Host.Inputs;
using AttentionLab.Training;

namespace AttentionLab.Host.Commands;

/// <summary>The command line. Exit codes: 0 done, 1 a notebook or a file failed, 2 wrong usage, 130 stopped by Ctrl+C.</summary>
internal static class CommandLine
{
    public const int Failed = 1;
    public const int Usage = 2;
    public const int Stopped = 130;

    private const string AllExamples = """
        Examples:
          dotnet run --project lib/AttentionLab.Host -- run notebooks
          dotnet run --project lib/AttentionLab.Host -- install
          dotnet run --project lib/AttentionLab.Host -- data download --data data
          dotnet run --project lib/AttentionLab.Host -- train --model se --data shapes --epochs 6 --out runs/se
          dotnet run --project lib/AttentionLab.Host -- predict --weights "data/trained/CIFAR-10 se.safetensors" --pictures notebooks/images
          dotnet run --project lib/AttentionLab.Host -- explain --model se --weights "data/trained/Shapes se.safetensors" --method grad-cam --data shapes --out seen

        Each command's --help has more.

        """;

    private static readonly (string Name, string Examples, Func<Command> Create)[] Commands =
    [
        (RunCommand.Name, RunCommand.Examples, RunCommand.Create),
        (TrainCommand.Name, TrainCommand.Examples, TrainCommand.Create),
        (PredictCommand.Name, PredictCommand.Examples, PredictCommand.Create),
        (ExplainCommand.Name, ExplainCommand.Examples, ExplainCommand.Create),
        (DataCommand.Name, DataCommand.Examples, DataCommand.Create),
        (KernelSpecCommands.InstallName, KernelSpecCommands.Examples, KernelSpecCommands.Install),
        (KernelSpecCommands.UninstallName, "", KernelSpecCommands.Uninstall),
        (KernelSpecCommands.ListName, "", KernelSpecCommands.List),
        (KernelCommand.Name, "", KernelCommand.Create),
        (WorkerCommand.Name, "", WorkerCommand.Create),
    ];

    /// <summary>All commands.</summary>
    public static RootCommand CreateRoot()
    {
        var root = new RootCommand("Runs AttentionLab's notebooks; trains its networks, asks them, and explains what they see.");
        foreach ((_, _, Func<Command> create) in Commands)
        {
            root.Add(create());
        }

        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        }

        return root;
    }

    /// <summary>Parses and runs; <paramref name="output"/> and <paramref name="error"/> stand for Console's where given.</summary>
    public static async Task<int> RunAsync(
        string[] args,
        TextWriter? output = null,
        TextWriter? error = null,
        CancellationToken cancellationToken = default
    )
    {
        output ??= Console.Out;
        error ??= Console.Error;
        ParseResult parsed = CreateRoot().Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Errors.Count > 0)
        {
            foreach (ParseError problem in parsed.Errors)
            {
                await error.WriteLineAsync(problem.Message).ConfigureAwait(false);
            }

            string command = parsed.CommandResult.Command is RootCommand ? "" : $"{parsed.CommandResult.Command.Name} ";
            await error.WriteLineAsync($"`{command}--help` shows what there is.").ConfigureAwait(false);
            return Usage;
        }

        // Longer than a cell's grace: a stopped run still writes what it has. A kernel takes Ctrl+C as an interrupt of its cell.
        TimeSpan? grace = parsed.CommandResult.Command.Name == KernelCommand.Name ? null : TimeSpan.FromSeconds(20);
        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            ProcessTerminationTimeout = grace,
        };
        return await parsed.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a command's action; what goes wrong is told on the error stream and becomes the exit code.</summary>
    public static async Task<int> TellAsync(ParseResult parsed, Func<InvocationConfiguration, Task<int>> action)
    {
        InvocationConfiguration streams = parsed.InvocationConfiguration;
        try
        {
            return await action(streams).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return Stopped;
        }
        catch (Exception e) when (e is UsageException or ArgumentException)
        {
            await streams.Error.WriteLineAsync(Words(e)).ConfigureAwait(false);
            return Usage;
        }
        catch (Exception e)
            when (e
                    is IOException
                        or InvalidDataException
                        or InvalidOperationException
                        or UnauthorizedAccessException
                        or HttpRequestException
                        or TrainingDivergedException
            )
        {
            await streams.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return Failed;
        }
    }

    /// <summary>An argument's name in the library means nothing on the command line.</summary>
    private static string Words(Exception e) =>
        e is ArgumentException { ParamName: not null }
        && e.Message.IndexOf(" (Parameter '", StringComparison.Ordinal) is > 0 and var end
            ? e.Message[..end]
            : e.Message;

    private sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = inner.Invoke(parseResult);
            string[] names =
            [
                .. parseResult
                    .CommandResult.Command.Parents.Prepend(parseResult.CommandResult.Command)
                    .Select(command => command.Name),
            ];
            string examples = Commands.FirstOrDefault(command => names.Contains(command.Name)).Examples ?? AllExamples;
            parseResult.InvocationConfiguration.Output.WriteLine(examples);
            return code;
        }
    }
}

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

    /// <summary>Parses and runs; <paramref name="output"/> and <paramref name="error"/> stand for Console's where given.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter? output = null, TextWriter? error = null, CancellationToken cancellationToken = default)
    {
        output ??= Console.Out;
        error ??= Console.Error;
        var root = new RootCommand("Runs AttentionLab's notebooks, and explains what its networks see.") { RunCommand.Create(), ExplainCommand.Create() };
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        }

        ParseResult parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
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

        // Longer than a cell's grace: a stopped run still writes what it has.
        var configuration = new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = TimeSpan.FromSeconds(20) };
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
        catch (Exception e) when (e is IOException or InvalidDataException or InvalidOperationException or UnauthorizedAccessException or HttpRequestException or TrainingDivergedException)
        {
            await streams.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return Failed;
        }
    }

    /// <summary>An argument's name in the library means nothing on the command line.</summary>
    private static string Words(Exception e) => e is ArgumentException { ParamName: not null } && e.Message.IndexOf(" (Parameter '", StringComparison.Ordinal) is > 0 and var end ? e.Message[..end] : e.Message;

    private sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = inner.Invoke(parseResult);
            string examples = parseResult.CommandResult.Command.Name switch
            {
                RunCommand.Name => RunCommand.Examples,
                ExplainCommand.Name => ExplainCommand.Examples,
                _ => $"{RunCommand.Examples}\n{ExplainCommand.Examples}",
            };
            parseResult.InvocationConfiguration.Output.WriteLine(examples);
            return code;
        }
    }
}

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace AttentionLab.Host.Commands;

/// <summary>The command line. Exit codes: 0 done, 1 a notebook failed, 2 wrong usage, 130 stopped by Ctrl+C.</summary>
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
        var root = new RootCommand("Runs AttentionLab's notebooks.") { RunCommand.Create() };
        foreach (Command command in root.Subcommands.Append(root))
        {
            foreach (HelpOption help in command.Options.OfType<HelpOption>())
            {
                help.Action = new HelpWithExamples((HelpAction)help.Action!);
            }
        }

        ParseResult parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Errors.Count > 0)
        {
            foreach (ParseError problem in parsed.Errors)
            {
                await error.WriteLineAsync(problem.Message).ConfigureAwait(false);
            }

            await error.WriteLineAsync("`run --help` shows what there is.").ConfigureAwait(false);
            return Usage;
        }

        // Longer than a cell's grace: a stopped run still writes what it has.
        var configuration = new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = TimeSpan.FromSeconds(20) };
        return await parsed.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
    }

    private sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = inner.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(RunCommand.Examples);
            return code;
        }
    }
}

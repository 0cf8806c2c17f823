using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;

namespace AttentionLab.Kernel.Commands;

/// <summary>A program: its commands and their help with examples.</summary>
/// <param name="name">What starts it in a terminal; stands for <c>{program}</c> in examples.</param>
/// <param name="description">What it does.</param>
/// <param name="examples">Shown below the program's own help.</param>
/// <param name="commands">Its commands.</param>
internal sealed class CommandProgram(string name, string description, string examples, IReadOnlyList<CommandEntry> commands)
{
    /// <summary>What starts it in a terminal.</summary>
    public string Name => name;

    /// <summary>All commands.</summary>
    public RootCommand CreateRoot()
    {
        var root = new RootCommand(description);
        foreach (CommandEntry entry in commands)
        {
            root.Add(entry.Create());
        }

        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((HelpAction)help.Action!, Examples);
        }

        return root;
    }

    /// <summary>
    /// Parses and runs, with numbers as in C# (0.01) whatever the culture; <paramref name="output"/> and <paramref name="error"/>
    /// stand for Console's where given.
    /// </summary>
    /// <returns>The exit code: see <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(
        string[] args,
        TextWriter? output = null,
        TextWriter? error = null,
        CancellationToken cancellationToken = default
    )
    {
        if (output is null)
        {
            Console.OutputEncoding = Encoding.UTF8; // C:\Users\Jürgen, in a console that still speaks a code page
        }

        // A number means the same whatever the reader's country; what is said is English, and so are its numbers.
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        ParseResult parsed = CreateRoot().Parse(args.Length == 0 ? ["--help"] : args);
        output = new PlainWriter(output ?? Console.Out);
        error = new PlainWriter(error ?? Console.Error, line => TypedText.ShortIn(line, parsed.Tokens));
        if (parsed.Errors.Count > 0)
        {
            foreach (ParseError problem in parsed.Errors)
            {
                await error.WriteLineAsync(problem.Message).ConfigureAwait(false);
            }

            string command = parsed.CommandResult.Command is RootCommand ? "" : $"{parsed.CommandResult.Command.Name} ";
            await error.WriteLineAsync($"`{command}--help` shows what there is.").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        // The program's own handlers of signals: System.CommandLine's abort the process at a second one after their time-out.
        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            ProcessTerminationTimeout = null,
        };
        if (parsed.CommandResult.Command.Name == KernelCommand.Name)
        {
            return await parsed.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false); // has its own: Ctrl+C interrupts a cell
        }

        using var signals = new StopSignals(error, cancellationToken);
        return signals.Stopped(await parsed.InvokeAsync(configuration, signals.Token).ConfigureAwait(false));
    }

    private string Examples(Command command)
    {
        string[] names = [.. command.Parents.Prepend(command).Select(each => each.Name)];
        string text = commands.FirstOrDefault(entry => names.Contains(entry.Name))?.Examples ?? examples;
        return text.Replace("{program}", name, StringComparison.Ordinal);
    }

    private sealed class HelpWithExamples(HelpAction inner, Func<Command, string> examples) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = inner.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(examples(parseResult.CommandResult.Command));
            return code;
        }
    }
}

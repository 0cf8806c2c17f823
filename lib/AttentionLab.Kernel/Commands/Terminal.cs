using Spectre.Console;

namespace AttentionLab.Kernel.Commands;

/// <summary>Where a command says how far it is.</summary>
internal static class Terminal
{
    /// <summary>A console that writes to a writer; live when bars can move there, else its lines are not broken.</summary>
    public static (IAnsiConsole Console, bool IsLive) Of(TextWriter output)
    {
        TextWriter inner = output is PlainWriter plain ? plain.Inner : output;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(inner) });
        console.Pipeline.Attach(new PlainSegments());
        bool live = console.Profile.Capabilities.Interactive && console.Profile.Out.IsTerminal;
        if (!live)
        {
            console.Profile.Width = int.MaxValue;
        }

        return (console, live);
    }
}

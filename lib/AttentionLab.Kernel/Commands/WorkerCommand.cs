using System.CommandLine;
using System.Diagnostics;
using AttentionLab.Kernel.Workers;

namespace AttentionLab.Kernel.Commands;

/// <summary>The command <c>worker</c>, with which <c>run</c> starts the process that runs a notebook's cells.</summary>
internal static class WorkerCommand
{
    public const string Name = "worker";

    /// <summary>The command with its arguments.</summary>
    public static Command Create()
    {
        var requests = new Argument<string>("requests");
        var answers = new Argument<string>("answers");
        var command = new Command(Name, "Runs a notebook's cells. Started by `run`, not by hand.") { requests, answers };
        command.Hidden = true;
        command.SetAction(parsed => Worker.RunAsync(parsed.GetValue(requests)!, parsed.GetValue(answers)!));
        return command;
    }

    /// <summary>How this program is started as a worker.</summary>
    public static ProcessStartInfo StartInfo(string requests, string answers) => ThisProgram.StartInfo(Name, requests, answers);
}

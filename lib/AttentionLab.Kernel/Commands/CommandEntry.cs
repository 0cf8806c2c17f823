using System.CommandLine;

namespace AttentionLab.Kernel.Commands;

/// <summary>A command of a program.</summary>
/// <param name="Name">What a reader types.</param>
/// <param name="Examples">Shown below its help, with <c>{program}</c> for what starts the program.</param>
/// <param name="Create">Makes the command.</param>
internal sealed record CommandEntry(string Name, string Examples, Func<Command> Create);

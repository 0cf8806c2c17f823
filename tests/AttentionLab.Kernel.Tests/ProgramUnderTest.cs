using AttentionLab.Kernel.Commands;

namespace AttentionLab.Kernel.Tests;

/// <summary>Which program a <see cref="Workspace"/> runs.</summary>
internal static class ProgramUnderTest
{
    public static CommandProgram Program => NotebookCommands.Program;
}

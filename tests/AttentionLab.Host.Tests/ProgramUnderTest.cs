using AttentionLab.Host.Commands;
using AttentionLab.Kernel.Commands;

namespace AttentionLab.Kernel.Tests;

/// <summary>
/// Which program a <see cref="Workspace"/> runs: here AttentionLab's, with the notebook engine's commands among its own.
/// </summary>
internal static class ProgramUnderTest
{
    public static CommandProgram Program => CommandLine.Program;
}

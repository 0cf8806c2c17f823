namespace AttentionLab.Kernel.Commands;

/// <summary>The notebook engine's commands: a program of its own, and part of other programs.</summary>
internal static class NotebookCommands
{
    /// <summary>Every command.</summary>
    /// <param name="compress">Makes a PNG file smaller where a notebook stores it.</param>
    public static IReadOnlyList<CommandEntry> All(Func<byte[], byte[]> compress) =>
        [
            new(RunCommand.Name, RunCommand.Examples, () => RunCommand.Create(compress)),
            new(ConvertCommand.Name, ConvertCommand.Examples, ConvertCommand.Create),
            new(ExportCommand.Name, ExportCommand.Examples, ExportCommand.Create),
            new(KernelSpecCommands.InstallName, KernelSpecCommands.Examples, KernelSpecCommands.Install),
            new(KernelSpecCommands.UninstallName, "", KernelSpecCommands.Uninstall),
            new(KernelSpecCommands.ListName, "", KernelSpecCommands.List),
            new(KernelCommand.Name, "", KernelCommand.Create),
            new(WorkerCommand.Name, "", WorkerCommand.Create),
        ];

    /// <summary>The engine as a program of its own.</summary>
    public static CommandProgram Program { get; } =
        new(
            "csharp-kernel",
            "Runs C# notebooks: in VS Code, in Jupyter, and from the terminal.",
            """
            Examples:
              {program} install
              {program} run notebooks

            Each command's --help has more.

            """,
            All(png => png)
        );
}

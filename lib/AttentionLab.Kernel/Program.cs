using AttentionLab.Kernel.Commands;

return await NotebookCommands.Program.RunAsync(args).ConfigureAwait(false);

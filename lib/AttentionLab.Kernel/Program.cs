using AttentionLab.Kernel.Commands;

// Entered by lib/AttentionLab.Kernel.Start; run by itself, the kernel's own libraries stand before a notebook's packages.

return await NotebookCommands.Program.RunAsync(args).ConfigureAwait(false);

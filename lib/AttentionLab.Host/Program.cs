using AttentionLab.Host.Commands;

return await CommandLine.Program.RunAsync(args).ConfigureAwait(false);

namespace AttentionLab.Kernel.Commands;

/// <summary>A command was asked for something that cannot be.</summary>
internal sealed class UsageException(string message) : Exception(message);

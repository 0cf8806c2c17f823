namespace AttentionLab.Host.Commands;

/// <summary>Another process writes to a folder.</summary>
internal sealed class FolderInUseException(string message, Exception inner) : IOException(message, inner);

namespace AttentionLab.Kernel.Jupyter;

/// <summary>A connection file that a kernel cannot start from.</summary>
internal sealed class ConnectionFileException(string message, Exception? inner = null) : Exception(message, inner);

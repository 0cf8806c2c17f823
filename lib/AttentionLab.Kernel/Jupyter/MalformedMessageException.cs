namespace AttentionLab.Kernel.Jupyter;

/// <summary>A message that is forged, replayed, or not built as the protocol says.</summary>
internal sealed class MalformedMessageException(string message, Exception? inner = null) : Exception(message, inner);

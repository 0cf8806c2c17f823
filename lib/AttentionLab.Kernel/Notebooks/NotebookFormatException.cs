namespace AttentionLab.Kernel.Notebooks;

/// <summary>A file is not a notebook that can be run; the message says what is wrong, where, and what to do.</summary>
internal sealed class NotebookFormatException : Exception
{
    public NotebookFormatException(string message, Exception? inner = null)
        : base(message, inner) { }
}

namespace AttentionLab.Core;

/// <summary>Another run writes to a file or folder; the message says which process and since when.</summary>
public sealed class InUseException : IOException
{
    /// <summary>Says who writes to what.</summary>
    /// <param name="message">Which place, which process, since when, and what to do.</param>
    /// <param name="inner">The refusal of the file system.</param>
    public InUseException(string message, Exception inner)
        : base(message, inner) { }
}

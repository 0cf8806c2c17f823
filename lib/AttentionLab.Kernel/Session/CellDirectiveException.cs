namespace AttentionLab.Kernel.Session;

/// <summary>A line such as <c>#r</c> or <c>#!import</c> that cannot be followed.</summary>
internal sealed class CellDirectiveException(string message, int line) : Exception(message)
{
    /// <summary>The line of the cell, from 1.</summary>
    public int Line { get; } = line;
}

namespace AttentionLab.Kernel.Session;

/// <summary>A line of a cell that is the host's, not the compiler's.</summary>
/// <param name="Name">Its first word: "#r", "#!import" …</param>
/// <param name="Argument">What it is about: a path, a package, a text to show.</param>
/// <param name="Line">Its number, from 1.</param>
internal sealed record CellDirective(string Name, string Argument, int Line);

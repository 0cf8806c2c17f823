namespace AttentionLab.Kernel.Session;

/// <summary>A name or word that can stand at a place in a cell.</summary>
/// <param name="Text">What is inserted.</param>
/// <param name="Kind">What it is: "method", "property", "class", "keyword" …</param>
internal sealed record CompletionEntry(string Text, string Kind);

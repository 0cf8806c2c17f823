namespace AttentionLab.Kernel.Session;

/// <summary>What can stand at a place in a cell.</summary>
/// <param name="Start">Where the text that an entry replaces starts, in UTF-16 units.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Items">The entries, best first.</param>
internal sealed record Completions(int Start, int End, IReadOnlyList<CompletionEntry> Items);

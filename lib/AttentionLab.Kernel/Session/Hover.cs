namespace AttentionLab.Kernel.Session;

/// <summary>What is known of the name at a place in a cell: its declaration and documentation.</summary>
/// <param name="PlainText">As text.</param>
/// <param name="Markdown">As Markdown, the declaration as C#.</param>
internal sealed record Hover(string PlainText, string Markdown);

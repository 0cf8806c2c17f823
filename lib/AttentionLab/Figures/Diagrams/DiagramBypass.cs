namespace AttentionLab.Figures;

/// <summary>An arrow over the boxes of a <see cref="NetworkDiagram"/>, past those in between.</summary>
/// <param name="From">The index of the box where it starts.</param>
/// <param name="To">The index of the box where it ends, larger than <paramref name="From"/>.</param>
/// <param name="Label">What stands on it, such as <c>×</c> for a product.</param>
public sealed record DiagramBypass(int From, int To, string Label);

namespace AttentionLab.Figures;

/// <summary>The channel weights of one squeeze-and-excitation block.</summary>
/// <param name="Name">What the block is called: <c>ca1</c>.</param>
/// <param name="Values">Classes (or pictures) × channels.</param>
public sealed record WeightBlock(string Name, float[,] Values);

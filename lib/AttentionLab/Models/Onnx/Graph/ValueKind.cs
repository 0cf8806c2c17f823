namespace AttentionLab.Models;

/// <summary>What is known of a value before any pass.</summary>
/// <param name="IsFloat">Whether it is a tensor of floating-point numbers, which has gradients.</param>
/// <param name="Rank">How many axes it has; null where that is not known.</param>
internal readonly record struct ValueKind(bool IsFloat, int? Rank);

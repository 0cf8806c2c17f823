namespace AttentionLab.Evaluate;

/// <summary>A method's place among those compared.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Layer">The layer explained.</param>
/// <param name="MeanRank">The mean of its ranks over all measures, 1 for the best; methods of equal scores share the mean of
/// their ranks.</param>
public sealed record MethodRank(string Method, string Layer, double MeanRank);

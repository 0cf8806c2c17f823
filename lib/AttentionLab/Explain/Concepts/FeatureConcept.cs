using AttentionLab.Core;

namespace AttentionLab.Explain;

/// <summary>One concept that <see cref="DeepFeatureFactorization"/> found in a layer.</summary>
/// <param name="Vector">Its direction among the layer's channels, C numbers, not negative, of length 1.</param>
/// <param name="Maps">Where it is in each of the N pictures, h×w: how long its part of the activation is, in the layer's units,
/// not negative.</param>
/// <param name="Share">Of all that the concepts together put out, in [0, 1].</param>
public sealed record FeatureConcept(IReadOnlyList<float> Vector, IReadOnlyList<Heatmap> Maps, double Share);

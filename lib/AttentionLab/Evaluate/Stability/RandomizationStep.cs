namespace AttentionLab.Evaluate;

/// <summary>One step of the model-randomisation check.</summary>
/// <param name="Layer">The layer whose weights became random, as did those of all layers after it. Empty for weights that the
/// model itself holds.</param>
/// <param name="Similarities">
/// Of each picture, Spearman's rank correlation of the map before and now, −1 to 1. 0 where the map now has equal values and no
/// order is left; NaN where it had none in the first place.
/// </param>
public sealed record RandomizationStep(string Layer, IReadOnlyList<double> Similarities);

namespace AttentionLab.Explain;

/// <summary>A layer's activations of N pictures, taken apart into concepts: plain numbers.</summary>
public sealed record FeatureFactors
{
    /// <summary>The layer's path.</summary>
    public required string Layer { get; init; }

    /// <summary>Where the layer's output has height and width.</summary>
    public required SpatialLayout Layout { get; init; }

    /// <summary>The concepts, largest <see cref="FeatureConcept.Share"/> first.</summary>
    public required IReadOnlyList<FeatureConcept> Concepts { get; init; }

    /// <summary>What the concepts leave out, ‖A − HW‖ / ‖A‖ in [0, 1]: 0 when they make up the whole activation.</summary>
    public required double Error { get; init; }

    /// <summary>What a reader should know, a sentence each: the layer that was chosen, negative values that were cut.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>"4 concepts at relu3 (52 %, 21 %, 17 %, 10 %), 81 % of the activation's square".</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{Concepts.Count} concepts at {Layer} (")
        + string.Join(", ", Concepts.Select(concept => FormattableString.Invariant($"{100 * concept.Share:f0} %")))
        + FormattableString.Invariant($"), {100 * (1 - (Error * Error)):f0} % of the activation's square");
}

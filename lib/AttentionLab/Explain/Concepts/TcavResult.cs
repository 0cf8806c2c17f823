using AttentionLab.Core;

namespace AttentionLab.Explain;

/// <summary>What <see cref="Tcav"/> found of one concept, one layer and one target: plain numbers.</summary>
public sealed record TcavResult
{
    /// <summary>The layer's path.</summary>
    public required string Layer { get; init; }

    /// <summary>What the concept's influence on was tested, in words: "class 3".</summary>
    public required string Target { get; init; }

    /// <summary>How many pictures were asked.</summary>
    public required int Pictures { get; init; }

    /// <summary>
    /// For each random set the TCAV score of the concept against it, in [0, 1]: the share of pictures whose score grows in the
    /// concept's direction.
    /// </summary>
    public required IReadOnlyList<double> Scores { get; init; }

    /// <summary>For each random set the TCAV score of another random set against it: what no concept scores.</summary>
    public required IReadOnlyList<double> RandomScores { get; init; }

    /// <summary>
    /// The share of held-out pictures that the linear classifiers tell right, concept or random, with its 95 % interval over all
    /// random sets: near 0.5 the layer has no direction of this concept.
    /// </summary>
    public required ConfidenceInterval Accuracy { get; init; }

    /// <summary>The p-value below which a concept counts as significant.</summary>
    public required double Significance { get; init; }

    /// <summary>The mean of <see cref="Scores"/>.</summary>
    public double Score => Scores.Average();

    /// <summary>
    /// Of the two-sided t-test (Welch's) whether <see cref="Scores"/> and <see cref="RandomScores"/> have the same mean, in [0,
    /// 1].
    /// </summary>
    public double PValue => WelchTest.PValue(Scores, RandomScores);

    /// <summary>
    /// Whether the concept's scores differ from random sets', and its classifiers tell held-out pictures better than chance; if
    /// not, the score means nothing.
    /// </summary>
    public bool IsSignificant => IsTold && PValue < Significance;

    private bool IsTold => Accuracy.Low > 0.5;

    /// <summary>In words: "TCAV 0.92 for class 3 at relu3 (random sets 0.48): significant, p = 0.0004 …".</summary>
    public override string ToString() =>
        FormattableString.Invariant($"TCAV {Score:0.00} for {Target} at {Layer} (random sets {RandomScores.Average():0.00}): ")
        + (
            IsSignificant ? "significant"
            : IsTold ? "not significant, random sets score alike"
            : "not significant, the layer has no direction of this concept"
        )
        + FormattableString.Invariant($"; p = {PValue:0.####}, {Pictures} pictures, {Scores.Count} random sets, ")
        + FormattableString.Invariant($"{100 * Accuracy.Mean:0} % of held-out pictures told apart");
}

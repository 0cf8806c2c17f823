namespace AttentionLab.Training;

/// <summary>How well a network names the pictures of one class.</summary>
/// <param name="Class">The class's name.</param>
/// <param name="Precision">Share of the pictures called this class that are of it, in [0, 1]; NaN when none is called so.</param>
/// <param name="Recall">Share of this class's pictures that are called so, in [0, 1]; NaN when the split has none of it.</param>
/// <param name="F1">
/// Harmonic mean of both, 2·TP / (2·TP + FP + FN), in [0, 1]; NaN when the split has no picture of the class and none is called
/// so.
/// </param>
/// <param name="Support">How many pictures of this class the split has.</param>
public sealed record ClassScore(string Class, double Precision, double Recall, double F1, int Support)
{
    /// <summary>The scores in one line; an undefined one says why.</summary>
    public override string ToString() =>
        $"{Class}: precision {Text(Precision, "never predicted")}, recall {Text(Recall, "no picture of it")}, "
        + $"F1 {Text(F1, "no picture of it, never predicted")}, support {Support}";

    private static string Text(double score, string whyUndefined) =>
        double.IsNaN(score) ? $"undefined ({whyUndefined})" : FormattableString.Invariant($"{score:f3}");
}

using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>A method's scores compared with a baseline's, picture by picture.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Layer">The layer explained.</param>
/// <param name="Measure">The measure's name.</param>
/// <param name="Baseline"><c>centred-blob</c>, <c>random-map</c> (of the same size as the method's maps) or <c>even-map</c> (of
/// equal values).</param>
/// <param name="Advantage">By how much the method's score is better: positive when it is, whether higher or lower is
/// better.</param>
public sealed record BaselineComparison(
    string Method,
    string Layer,
    string Measure,
    string Baseline,
    ConfidenceInterval Advantage
)
{
    /// <summary>Whether the method is better, with 95 % confidence. False with fewer than two pictures.</summary>
    public bool IsBetter => Advantage.Low > 0;

    /// <summary>Whether the method is worse, with 95 % confidence. False with fewer than two pictures.</summary>
    public bool IsWorse => Advantage.High < 0;
}

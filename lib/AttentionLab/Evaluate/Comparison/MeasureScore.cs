using System.Text.Json.Serialization;
using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>One cell of a comparison: a method at a layer by a measure.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Layer">The layer explained.</param>
/// <param name="Measure">The measure's name.</param>
/// <param name="HigherIsBetter">Whether a higher score speaks for the map.</param>
/// <param name="Interval">The mean over the pictures with its 95 % confidence interval.</param>
/// <param name="Scores">Of each picture; NaN where the measure says nothing of it.</param>
public sealed record MeasureScore(
    string Method,
    string Layer,
    string Measure,
    bool HigherIsBetter,
    [property: JsonPropertyName("Mean")] ConfidenceInterval Interval, // the name in files written by earlier versions
    IReadOnlyList<double> Scores
)
{
    /// <summary>Whether the method is a baseline, which knows nothing of the model: see <see cref="BaselineMethod"/>.</summary>
    public bool IsBaseline { get; init; }
}

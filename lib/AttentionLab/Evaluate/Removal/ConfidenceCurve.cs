namespace AttentionLab.Evaluate;

/// <summary>How sure the model stays of a class while more and more of a picture is changed.</summary>
/// <param name="Fractions">How much of the pixels, from 0 to 1, rising.</param>
/// <param name="Confidences">The class's probability at each.</param>
public sealed record ConfidenceCurve(IReadOnlyList<double> Fractions, IReadOnlyList<double> Confidences)
{
    /// <summary>
    /// The area under the curve by trapezoids, over the range of its fractions: the mean confidence, in [0, 1].
    /// </summary>
    public double Area =>
        Enumerable
            .Range(1, Fractions.Count - 1)
            .Sum(i => (Fractions[i] - Fractions[i - 1]) * (Confidences[i] + Confidences[i - 1]) / 2)
        / (Fractions[^1] - Fractions[0]);

    /// <summary>The mean curve of several pictures, to be drawn.</summary>
    /// <exception cref="ArgumentException">There is no curve, or they have other fractions.</exception>
    public static ConfidenceCurve Mean(IReadOnlyList<ConfidenceCurve> curves)
    {
        ArgumentNullException.ThrowIfNull(curves);
        return curves.Count > 0 && curves.All(curve => curve.Fractions.SequenceEqual(curves[0].Fractions))
            ? new(curves[0].Fractions, [.. curves[0].Fractions.Select((_, i) => curves.Average(curve => curve.Confidences[i]))])
            : throw new ArgumentException("A mean is made of one curve or more, all with the same fractions.", nameof(curves));
    }
}

using System.Globalization;
using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>
/// ROAD, remove and debias: pixels are taken away and filled in from those around them by <see cref="LinearImputation"/>, so that
/// the hole's outline does not give away what was there. The score is the mean confidence over <see cref="Percentiles"/>; one
/// forward pass for each, for each picture.
/// </summary>
/// <remarks>
/// <see href="https://arxiv.org/abs/2202.00449">Rong et al., "A consistent and efficient evaluation strategy for attribution
/// methods", ICML 2022</see>. The paper counts how often the model is still right, over a whole test set; its confidence
/// tells more of few pictures. At least one pixel of a picture always stays.
/// </remarks>
public abstract class Road : RemovalMeasure
{
    /// <summary>How many pixels are taken away, each in (0, 100), rising.</summary>
    public IReadOnlyList<double> Percentiles { get; init; } = [10, 20, 30, 40, 50, 60, 70, 80, 90];

    /// <summary>The standard deviation of the normal noise on what is filled in, in the input's units.</summary>
    public double Noise { get; init; } = 0.01;

    private protected sealed override IReadOnlyList<double> Fractions =>
        Percentiles.Count > 0
        && Percentiles.All(p => p is > 0 and < 100)
        && Percentiles.Zip(Percentiles.Skip(1), (a, b) => a < b).All(rises => rises)
            ? [.. Percentiles.Select(percentile => percentile / 100)]
            : throw new InvalidOperationException(
                $"Percentiles lie between 0 and 100, without either, and rise; these are [{string.Join(", ", Percentiles)}]."
            );

    private protected sealed override double ScoreOf(ConfidenceCurve curve) => curve.Confidences.Average();

    private protected sealed override ReadOnlySpan<int> Taken(int[] order, int count) =>
        TakenWhenOneStays(order, Math.Min(count, order.Length - 1));

    /// <summary>Which pixels are taken, fewer than all.</summary>
    private protected abstract ReadOnlySpan<int> TakenWhenOneStays(int[] order, int count);

    private protected sealed override Func<bool[], RandomStream, float[]> FillOf(EvaluationTrial trial, float[] picture)
    {
        if (Noise is not (>= 0 and < double.PositiveInfinity))
        {
            throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"Noise has a standard deviation of 0 or more; this is {Noise}.")
            );
        }

        return (taken, random) =>
        {
            float[] filled = LinearImputation.Fill(picture, trial.Height, trial.Width, taken),
                noise = random.Normal(picture.Length);
            return Mix(picture, [.. filled.Zip(noise, (value, z) => (float)(value + (Noise * z)))], taken);
        };
    }
}

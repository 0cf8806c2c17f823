namespace AttentionLab.Core;

/// <summary>A mean over pictures and the range in which it lies with 95 % confidence.</summary>
/// <remarks>
/// Of means the percentile bootstrap: pictures are drawn again and again, as many as there are and with replacement, and the
/// range holds the middle 95 % of their means. Efron, Tibshirani, "An introduction to the bootstrap", 1993, chapter 13. It is a
/// little narrow for fewer than some twenty pictures.
/// </remarks>
/// <param name="Mean">Over the pictures that have a score; NaN when none has.</param>
/// <param name="Low">NaN when fewer than two have.</param>
/// <param name="High">NaN when fewer than two have.</param>
/// <param name="Pictures">How many have one.</param>
public sealed record ConfidenceInterval(double Mean, double Low, double High, int Pictures)
{
    private const double Confidence = 0.95;

    /// <summary>
    /// Of a share, such as an accuracy: Wilson's score interval, which says something for all right or all wrong too (Wilson,
    /// "Probable inference, the law of succession, and statistical inference", JASA 22, 1927).
    /// </summary>
    /// <param name="right">How many pictures count.</param>
    /// <param name="pictures">Of how many; at least one.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="pictures"/> is not positive, or
    /// <paramref name="right"/> is negative or greater.</exception>
    public static ConfidenceInterval OfShare(int right, int pictures)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pictures);
        ArgumentOutOfRangeException.ThrowIfNegative(right);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(right, pictures);
        const double z = 1.959963984540054; // of the normal distribution, 97.5 %
        double share = (double)right / pictures,
            scale = 1 + (z * z / pictures),
            middle = (share + (z * z / (2 * pictures))) / scale,
            half = z / scale * Math.Sqrt((share * (1 - share) / pictures) + (z * z / (4.0 * pictures * pictures)));
        return new(share, right == 0 ? 0 : middle - half, right == pictures ? 1 : middle + half, pictures);
    }

    /// <summary>Of a mean of scores; those that are NaN are left out.</summary>
    /// <param name="scores">One for each picture.</param>
    /// <param name="resamples">How many times pictures are drawn.</param>
    /// <param name="seed">Decides which.</param>
    /// <exception cref="ArgumentOutOfRangeException">Pictures are to be drawn less than a hundred times.</exception>
    public static ConfidenceInterval OfMean(IReadOnlyList<double> scores, int resamples = 2_000, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 100);
        double[] there = [.. scores.Where(score => !double.IsNaN(score))];
        if (there.Length < 2)
        {
            return new(there.Length == 0 ? double.NaN : there[0], double.NaN, double.NaN, there.Length);
        }

        var means = new double[resamples];
        var random = new RandomStream(seed);
        for (int i = 0; i < resamples; i++)
        {
            double sum = 0;
            for (int draw = 0; draw < there.Length; draw++)
            {
                sum += there[random.Next(there.Length)];
            }

            means[i] = sum / there.Length;
        }

        Array.Sort(means);
        int cut = (int)((1 - Confidence) / 2 * resamples);
        return new(there.Average(), means[cut], means[^(cut + 1)], there.Length);
    }

    /// <summary>Of the mean difference a − b of two scores of the same pictures. A picture that lacks one is left out.</summary>
    /// <inheritdoc cref="OfMean" path="/param"/>
    /// <exception cref="ArgumentException">There are more scores of the one than of the other.</exception>
    public static ConfidenceInterval OfDifference(
        IReadOnlyList<double> a,
        IReadOnlyList<double> b,
        int resamples = 2_000,
        long seed = 0
    )
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return a.Count == b.Count
            ? OfMean([.. a.Zip(b, (x, y) => x - y)], resamples, seed)
            : throw new ArgumentException(
                $"Two scores of the same pictures are compared; there are {a.Count} and {b.Count}.",
                nameof(b)
            );
    }

    /// <summary>In numbers: "0.42 (0.38 to 0.46)".</summary>
    public override string ToString() => double.IsNaN(Low) ? Short(Mean) : $"{Short(Mean)} ({Short(Low)} to {Short(High)})";

    private static string Short(double number) => FormattableString.Invariant($"{Math.Round(number, 3) + 0.0:0.###}"); // 0 has no sign
}

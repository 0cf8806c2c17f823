using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace AttentionLab.Core;

/// <summary>Whether two samples have the same mean: Welch's t-test, which takes no equal variances for granted.</summary>
/// <remarks>Welch, "The generalization of ‘Student's’ problem when several different population variances are involved",
/// Biometrika 34, 1947.</remarks>
internal static class WelchTest
{
    /// <summary>
    /// The two-sided p-value, in [0, 1]: how likely means would lie at least so far apart if they were the same. Of samples
    /// without any variance 1 if their means are equal, else 0.
    /// </summary>
    /// <param name="a">Two or more finite numbers.</param>
    /// <param name="b">Two or more finite numbers.</param>
    public static double PValue(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        double errorOfA = a.Variance() / a.Count,
            errorOfB = b.Variance() / b.Count,
            error = errorOfA + errorOfB,
            difference = a.Mean() - b.Mean();
        if (error == 0)
        {
            return difference == 0 ? 1 : 0;
        }

        double freedom = error * error / ((errorOfA * errorOfA / (a.Count - 1)) + (errorOfB * errorOfB / (b.Count - 1)));
        return 2 * StudentT.CDF(0, 1, freedom, -Math.Abs(difference) / Math.Sqrt(error));
    }
}

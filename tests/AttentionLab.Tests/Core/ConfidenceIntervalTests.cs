using AttentionLab.Core;

namespace AttentionLab.Tests.Core;

[Trait("Kind", "Numeric")]
public sealed class ConfidenceIntervalTests
{
    [Fact]
    public void It_agrees_with_the_normal_interval_of_many_scores()
    {
        // 400 uniform numbers: the mean's deviation is 1/√(12·400).
        var random = new RandomStream(1);
        double[] scores = new double[400];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = random.NextDouble();
        }

        double mean = scores.Average(),
            error = Math.Sqrt(scores.Average(x => (x - mean) * (x - mean)) / scores.Length);
        ConfidenceInterval interval = ConfidenceInterval.OfMean(scores, resamples: 10_000);
        Assert.Equal(mean, interval.Mean, Math.Abs(mean) * Tolerance.RoundingInDouble(32));
        Assert.Equal(mean - (1.96 * error), interval.Low, 0.1 * error);
        Assert.Equal(mean + (1.96 * error), interval.High, 0.1 * error);
        Assert.Equal(interval, ConfidenceInterval.OfMean(scores, resamples: 10_000));
        Assert.NotEqual(interval, ConfidenceInterval.OfMean(scores, resamples: 10_000, seed: 1));
    }

    [Fact]
    public void It_holds_the_true_mean_nineteen_times_in_twenty()
    {
        int held = 0;
        for (int trial = 0; trial < 400; trial++)
        {
            var random = new RandomStream(trial, 9);
            double[] scores = new double[50];
            for (int i = 0; i < scores.Length; i++)
            {
                scores[i] = random.Chance(0.3) ? 1 : 0;
            }

            ConfidenceInterval interval = ConfidenceInterval.OfMean(scores, resamples: 400, seed: trial);
            held += interval.Low <= 0.3 && 0.3 <= interval.High ? 1 : 0;
        }

        Assert.InRange(held / 400.0, 0.90, 0.98);
    }

    [Fact]
    public void Pictures_without_a_score_are_left_out_and_too_few_have_no_interval()
    {
        Assert.Equal(new ConfidenceInterval(3, 3, 3, 2), ConfidenceInterval.OfMean([3, double.NaN, 3]));
        Assert.Equal(new ConfidenceInterval(5, double.NaN, double.NaN, 1), ConfidenceInterval.OfMean([double.NaN, 5]));
        Assert.Equal(new ConfidenceInterval(double.NaN, double.NaN, double.NaN, 0), ConfidenceInterval.OfMean([double.NaN]));
        Assert.Equal(0, ConfidenceInterval.OfMean([]).Pictures);
        Assert.Throws<ArgumentOutOfRangeException>(() => ConfidenceInterval.OfMean([1, 2], resamples: 10));
    }

    [Fact]
    public void Differences_are_taken_picture_by_picture()
    {
        // Scores differ widely from picture to picture, and by 1 from each other everywhere.
        double[] a = [1, 50, 900, double.NaN, 7],
            b = [0, 49, 899, 3, double.NaN];
        Assert.Equal(new ConfidenceInterval(1, 1, 1, 3), ConfidenceInterval.OfDifference(a, b));
        Assert.Throws<ArgumentException>(() => ConfidenceInterval.OfDifference([1], [1, 2]));
        Assert.Equal("0.5 (0.25 to 0.75)", new ConfidenceInterval(0.5, 0.25, 0.75, 9).ToString());
        Assert.Equal("0 (-0.1 to 0.1)", new ConfidenceInterval(-0.0001, -0.1, 0.1, 9).ToString());
        Assert.Equal("0.5", new ConfidenceInterval(0.5, double.NaN, double.NaN, 1).ToString());
    }
}

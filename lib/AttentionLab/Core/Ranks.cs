namespace AttentionLab.Core;

/// <summary>The places of values among each other.</summary>
internal static class Ranks
{
    /// <summary>
    /// Spearman's rank correlation of as many values: the correlation of their ranks, in [−1, 1]; NaN when all of one are equal.
    /// </summary>
    public static double Correlation(float[] a, float[] b)
    {
        double[] x = Of(a),
            y = Of(b);
        double mean = (x.Length - 1) / 2.0,
            together = 0,
            varianceOfX = 0,
            varianceOfY = 0;
        for (int i = 0; i < x.Length; i++)
        {
            together += (x[i] - mean) * (y[i] - mean);
            varianceOfX += (x[i] - mean) * (x[i] - mean);
            varianceOfY += (y[i] - mean) * (y[i] - mean);
        }

        return together / Math.Sqrt(varianceOfX * varianceOfY);
    }

    /// <summary>Each value's place among them, from 0; equal values share the mean of theirs.</summary>
    public static double[] Of<T>(T[] values)
        where T : IComparable<T>
    {
        int[] order = [.. Enumerable.Range(0, values.Length)];
        Array.Sort([.. values], order);
        var ranks = new double[values.Length];
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && values[order[end]].CompareTo(values[order[start]]) == 0; )
            {
                end++;
            }

            foreach (int i in order.AsSpan(start..end))
            {
                ranks[i] = (start + end - 1) / 2.0;
            }
        }

        return ranks;
    }
}

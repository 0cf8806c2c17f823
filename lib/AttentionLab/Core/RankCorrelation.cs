namespace AttentionLab.Core;

/// <summary>Spearman's rank correlation: do two maps put their pixels in the same order?</summary>
internal static class RankCorrelation
{
    /// <summary>
    /// From −1, opposite orders, to 1, the same. Equal values share the mean of their ranks. NaN when a map is of equal values,
    /// which have no order.
    /// </summary>
    public static double Of(float[,] a, float[,] b)
    {
        double[] x = Ranks([.. a.Cast<float>()]),
            y = Ranks([.. b.Cast<float>()]);
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

    /// <summary>Each value's place among them, from 0.</summary>
    public static double[] Ranks<T>(T[] values)
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

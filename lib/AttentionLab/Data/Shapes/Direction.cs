using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>An angle as a vector of length 1: its cosine and sine.</summary>
internal readonly record struct Direction(double X, double Y)
{
    /// <summary>
    /// Any direction whose cosine is at least <paramref name="leastX"/>, all equally likely: a point of the unit disc, moved to
    /// its edge. Sine and cosine are not asked: their last digit differs from one processor or system to the next.
    /// </summary>
    public static Direction Draw(ref RandomStream random, double leastX = -1)
    {
        while (true)
        {
            double x = random.Uniform(-1, 1),
                y = random.Uniform(-1, 1),
                length = Math.Sqrt((x * x) + (y * y));
            if (length is > 0.1 and <= 1 && x / length >= leastX)
            {
                return new Direction(x / length, y / length);
            }
        }
    }
}

namespace AttentionLab.Data;

/// <summary>An angle as a vector of length 1: its cosine and sine.</summary>
internal readonly record struct Direction(double X, double Y)
{
    /// <summary>
    /// Any direction, all equally likely: a point in the unit disc, moved to its edge. No sine, no cosine: those differ in the
    /// last digit from one processor or system to the next.
    /// </summary>
    public static Direction Draw(ref SplitMix64 random)
    {
        while (true)
        {
            double x = random.Uniform(-1, 1), y = random.Uniform(-1, 1), square = (x * x) + (y * y);
            if (square is > 0.01 and <= 1)
            {
                double length = Math.Sqrt(square);
                return new Direction(x / length, y / length);
            }
        }
    }
}

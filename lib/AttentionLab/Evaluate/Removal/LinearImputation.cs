namespace AttentionLab.Evaluate;

/// <summary>
/// Fills pixels in so that each is the weighted mean of its eight neighbours, filled in or not: 1/6 for those beside it, 1/12 for
/// those at its corners; at the picture's edge those that are there share the weight.
/// </summary>
/// <remarks>
/// Rong et al., ICML 2022, section 4.3, without its noise. One linear equation for each missing pixel; the weights are the same
/// both ways and some pixel is known, so the system is symmetric and positive definite, and is solved by conjugate gradients
/// (Hestenes, Stiefel, 1952).
/// </remarks>
internal static class LinearImputation
{
    /// <summary>Of the first residual: where the search stops.</summary>
    private const double Tolerance = 1e-12;

    private static readonly (int Down, int Right, double Weight)[] Neighbours =
    [
        (-1, -1, 1.0 / 12),
        (-1, 0, 1.0 / 6),
        (-1, 1, 1.0 / 12),
        (0, -1, 1.0 / 6),
        (0, 1, 1.0 / 6),
        (1, -1, 1.0 / 12),
        (1, 0, 1.0 / 6),
        (1, 1, 1.0 / 12),
    ];

    /// <summary>A copy with the missing pixels filled in, each plane by itself.</summary>
    /// <param name="planes">Any number of planes of H·W.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="missing">H·W; at least one pixel is not.</param>
    public static float[] Fill(float[] planes, int height, int width, bool[] missing)
    {
        float[] result = [.. planes];
        for (int start = 0; start < planes.Length; start += missing.Length)
        {
            Fill(result.AsSpan(start, missing.Length), height, width, missing);
        }

        return result;
    }

    private static void Fill(Span<float> plane, int height, int width, bool[] missing)
    {
        int[] unknown = [.. Enumerable.Range(0, missing.Length).Where(pixel => missing[pixel])];
        double mean = 0;
        for (int i = 0; i < plane.Length; i++)
        {
            mean += missing[i] ? 0 : plane[i] / (double)(plane.Length - unknown.Length);
        }

        // Values are counted from the known pixels' mean, where the search starts: x = 0. Arrays are as large as the picture, 0
        // where it is known.
        var x = new double[plane.Length];
        var known = new double[plane.Length];
        for (int i = 0; i < plane.Length; i++)
        {
            known[i] = missing[i] ? 0 : plane[i] - mean;
        }

        double[] residual = new double[plane.Length],
            product = new double[plane.Length];
        Differences(known, residual);
        foreach (int i in unknown)
        {
            residual[i] = -residual[i];
        }

        double[] direction = [.. residual];
        double squared = Dot(residual, residual),
            enough = squared * Tolerance * Tolerance;
        for (int step = 0; squared > enough && step < 4 * unknown.Length; step++)
        {
            Differences(direction, product);
            double along = squared / Dot(direction, product);
            foreach (int i in unknown)
            {
                x[i] += along * direction[i];
                residual[i] -= along * product[i];
            }

            double before = squared;
            squared = Dot(residual, residual);
            foreach (int i in unknown)
            {
                direction[i] = residual[i] + (squared / before * direction[i]);
            }
        }

        foreach (int i in unknown)
        {
            plane[i] = (float)(mean + x[i]);
        }

        // Of each missing pixel, how far it is from its neighbours: the sum of weight · (pixel − neighbour).
        void Differences(double[] values, double[] sums)
        {
            foreach (int i in unknown)
            {
                int row = i / width,
                    column = i % width;
                double sum = 0;
                foreach ((int down, int right, double weight) in Neighbours)
                {
                    int y = row + down,
                        z = column + right;
                    sum += y >= 0 && y < height && z >= 0 && z < width ? weight * (values[i] - values[(y * width) + z]) : 0;
                }

                sums[i] = sum;
            }
        }

        double Dot(double[] a, double[] b)
        {
            double sum = 0;
            foreach (int i in unknown)
            {
                sum += a[i] * b[i];
            }

            return sum;
        }
    }
}

using System.Globalization;

namespace AttentionLab.Evaluate;

/// <summary>A picture's blur by a Gaussian, whose weights add up to one over the pixels inside the picture.</summary>
internal static class GaussianBlur
{
    /// <summary>Planes of H·W, each blurred.</summary>
    /// <exception cref="InvalidOperationException">The deviation is not positive and finite.</exception>
    public static float[] Of(float[] planes, int height, int width, double deviation)
    {
        if (deviation is not (> 0 and < double.PositiveInfinity))
        {
            throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"A blur's standard deviation is a positive number of pixels; this one is {deviation}."
                )
            );
        }

        double[,] down = Weights(height, deviation),
            across = Weights(width, deviation);
        float[] result = new float[planes.Length],
            rows = new float[planes.Length];
        int area = height * width;
        for (int i = 0; i < planes.Length; i++)
        {
            int plane = i / area * area,
                y = i % area / width,
                x = i % width;
            double sum = 0;
            for (int from = 0; from < width; from++)
            {
                sum += across[x, from] * planes[plane + (y * width) + from];
            }

            rows[i] = (float)sum;
        }

        for (int i = 0; i < planes.Length; i++)
        {
            int plane = i / area * area,
                y = i % area / width,
                x = i % width;
            double sum = 0;
            for (int from = 0; from < height; from++)
            {
                sum += down[y, from] * rows[plane + (from * width) + x];
            }

            result[i] = (float)sum;
        }

        return result;
    }

    private static double[,] Weights(int side, double deviation)
    {
        var weights = new double[side, side];
        for (int to = 0; to < side; to++)
        {
            double sum = 0;
            for (int from = 0; from < side; from++)
            {
                double distance = (from - to) / deviation;
                sum += weights[to, from] = Math.Exp(-distance * distance / 2);
            }

            for (int from = 0; from < side; from++)
            {
                weights[to, from] /= sum;
            }
        }

        return weights;
    }
}

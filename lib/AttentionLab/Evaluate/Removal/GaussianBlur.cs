using System.Globalization;
using AttentionLab.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Evaluate;

/// <summary>A picture's blur by a Gaussian, whose weights add up to one over the pixels inside the picture.</summary>
internal static class GaussianBlur
{
    /// <summary>Planes of H·W, each blurred.</summary>
    /// <exception cref="InvalidOperationException">The standard deviation is not positive and finite.</exception>
    public static float[] Of(float[] planes, int height, int width, double standardDeviation)
    {
        if (standardDeviation is not (> 0 and < double.PositiveInfinity))
        {
            throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"A blur's standard deviation is a positive number of pixels; this one is {standardDeviation}."
                )
            );
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor pictures = tensor(planes, [planes.Length / (height * width), height, width], ScalarType.Float64);
        Tensor down = tensor(Weights(height, standardDeviation)),
            across = tensor(Weights(width, standardDeviation));

        // Down · picture · acrossᵀ, in double precision.
        return einsum("yv,pvu,xu->pyx", down, pictures, across).ToFloats();
    }

    private static double[,] Weights(int side, double standardDeviation)
    {
        var weights = new double[side, side];
        for (int to = 0; to < side; to++)
        {
            double sum = 0;
            for (int from = 0; from < side; from++)
            {
                double distance = (from - to) / standardDeviation;
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

using System.Globalization;
using AttentionLab.Core;
using static TorchSharp.torch;

namespace AttentionLab.Evaluate;

/// <summary>
/// A baseline: a Gaussian in the middle of the picture, where photographers put things, the same for every
/// model and picture. At the picture's size.
/// </summary>
/// <remarks>
/// $\exp(−d²/2)$, d the distance from the centre in units of <see cref="StandardDeviation"/> times the side, of height and of
/// width.
/// </remarks>
public sealed class CentredBlob : BaselineMethod
{
    /// <inheritdoc/>
    public override string Name => "centred-blob";

    /// <summary>The Gaussian's standard deviation as a share of the picture's side.</summary>
    public double StandardDeviation { get; init; } = 0.25;

    private protected override Heatmap MapOf(Tensor picture)
    {
        if (StandardDeviation is not (> 0 and < double.PositiveInfinity))
        {
            throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The blob's standard deviation is a positive share of the picture's side; this one is {StandardDeviation}."
                )
            );
        }

        int height = (int)picture.shape[1],
            width = (int)picture.shape[2];
        var map = new float[height, width];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double down = FromCentre(y, height),
                    right = FromCentre(x, width);
                map[y, x] = (float)Math.Exp(-((down * down) + (right * right)) / 2);
            }
        }

        return map;
    }

    private double FromCentre(int index, int side) => (index - ((side - 1) / 2.0)) / (StandardDeviation * side);
}

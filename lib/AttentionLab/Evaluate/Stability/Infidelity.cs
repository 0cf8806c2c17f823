using System.Globalization;
using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>
/// How poorly the map predicts by how much the score falls when parts of the picture are hidden: for random squares the sum of
/// the map's values, scaled by the best common factor, is compared with the fall of the score. 0 for a perfect prediction, 1 for
/// none. One forward pass for each of <see cref="Samples"/>.
/// </summary>
/// <remarks>
/// <para>$\min_β ∑_I (β·∑_{p∈I} L_p − (y(x) − y(x_I)))² / ∑_I (y(x) − y(x_I))²$ over random squares I of the picture, $x_I$ the
/// picture with the square hidden.</para>
/// <para><see href="https://arxiv.org/abs/1901.09392">Yeh et al., "On the (in)fidelity and sensitivity of explanations", NeurIPS
/// 2019</see>, definition 1, with square removal (section 4.1) and the best scaling β (section 2.2), so that maps of different units are
/// comparable; divided by the squared falls of the score, so that networks are. The score y is the model's confidence in the class
/// explained. NaN when no square changes it.</para>
/// </remarks>
public sealed class Infidelity : EvaluationMeasure
{
    /// <inheritdoc/>
    public override string Name => "infidelity";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <summary>How many squares are hidden, one at a time.</summary>
    public int Samples { get; init; } = 50;

    /// <summary>What hides, in the input's units: one value, or one for each channel.</summary>
    public IReadOnlyList<float> Baseline { get; init; } = [0];

    /// <summary>Decides the squares: of 1 pixel to half the shorter side, anywhere.</summary>
    public long Seed { get; init; }

    /// <inheritdoc/>
    protected override double[] ScoresOf(EvaluationTrial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        if (Samples < 1)
        {
            throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"Infidelity takes at least one sample; these are {Samples}.")
            );
        }

        float[] hidden = trial.PlainPicture(Baseline);
        double[] scores = trial.ConfidencesOf(
            trial.Pictures * (Samples + 1),
            i =>
            {
                (int picture, int sample) = Math.DivRem(i, Samples + 1);
                float[] planes = trial.PlanesOf(picture);
                if (sample > 0) // the picture itself comes first
                {
                    foreach (int pixel in SquareOf(sample, trial.Height, trial.Width))
                    {
                        for (int at = pixel; at < planes.Length; at += trial.Height * trial.Width)
                        {
                            planes[at] = hidden[at];
                        }
                    }
                }

                return (picture, planes);
            }
        );
        return
        [
            .. scores
                .Chunk(Samples + 1)
                .Select(
                    (each, picture) =>
                        UnexplainedShare(PredictedOf(trial.MapOf(picture)), [.. each.Skip(1).Select(score => each[0] - score)])
                ),
        ];
    }

    /// <summary>∑ (β·a − b)² / ∑ b² for the β that minimises it.</summary>
    private static double UnexplainedShare(double[] predicted, double[] lost)
    {
        double product = predicted.Zip(lost, (a, b) => a * b).Sum(),
            size = predicted.Sum(a => a * a),
            whole = lost.Sum(b => b * b);
        return whole == 0 ? double.NaN
            : size == 0 ? 1
            : Math.Max(0, 1 - (product * product / size / whole));
    }

    private double[] PredictedOf(Heatmap map)
    {
        float[] values = map.Values.ToArray();
        return
        [
            .. Enumerable
                .Range(1, Samples)
                .Select(sample => SquareOf(sample, map.Height, map.Width).Sum(pixel => (double)values[pixel])),
        ];
    }

    private IEnumerable<int> SquareOf(int sample, int height, int width)
    {
        var random = new RandomStream(Seed, sample);
        int side = 1 + random.Next(Math.Max(1, Math.Min(height, width) / 2)),
            top = random.Next(height - side + 1),
            left = random.Next(width - side + 1);
        return Enumerable.Range(0, side * side).Select(i => ((top + (i / side)) * width) + left + (i % side));
    }
}

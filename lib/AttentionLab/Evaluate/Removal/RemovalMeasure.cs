using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>
/// Does the model need what the map shows? Pixels are replaced in the order of the map, and the model's confidence in the class
/// is measured at each step. Pixels of equal value come in an order drawn from <see cref="Seed"/>, so a blank map removes them at
/// random.
/// </summary>
public abstract class RemovalMeasure : EvaluationMeasure
{
    /// <summary>Decides the order of equal pixels, and noise where there is some.</summary>
    public long Seed { get; init; }

    /// <summary>Fractions of the pixels, rising.</summary>
    private protected abstract IReadOnlyList<double> Fractions { get; }

    /// <summary>Each picture's curve: one forward pass for each of its points.</summary>
    /// <inheritdoc cref="EvaluationTrial.ConfidencesOf" path="/exception"/>
    public IReadOnlyList<ConfidenceCurve> CurvesOf(EvaluationTrial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        IReadOnlyList<double> fractions = Fractions;
        int current = -1;
        int[] order = [];
        Func<bool[], RandomStream, float[]> fill = (_, _) => [];
        double[] confidences = trial.ConfidencesOf(
            trial.Pictures * fractions.Count,
            i =>
            {
                (int picture, int point) = Math.DivRem(i, fractions.Count);
                if (picture != current)
                {
                    (current, order, fill) = (picture, OrderOf(trial.MapOf(picture)), FillOf(trial, trial.PlanesOf(picture)));
                }

                var taken = new bool[order.Length];
                foreach (int pixel in Taken(order, (int)Math.Round(fractions[point] * order.Length)))
                {
                    taken[pixel] = true;
                }

                return (picture, fill(taken, new RandomStream(Seed, picture, point)));
            }
        );
        return [.. confidences.Chunk(fractions.Count).Select(points => new ConfidenceCurve(fractions, points))];
    }

    /// <inheritdoc/>
    protected sealed override double[] ScoresOf(EvaluationTrial trial) => [.. CurvesOf(trial).Select(ScoreOf)];

    /// <summary>Fractions from 0 to 1 in equal steps.</summary>
    private protected static IReadOnlyList<double> EvenSteps(int steps) =>
        steps > 0
            ? [.. Enumerable.Range(0, steps + 1).Select(step => (double)step / steps)]
            : throw new InvalidOperationException($"A curve has at least one step; {steps} were asked for.");

    /// <summary>One number of a curve.</summary>
    private protected abstract double ScoreOf(ConfidenceCurve curve);

    /// <summary>Which pixels are taken away at a fraction.</summary>
    /// <param name="order">All pixels, the most relevant first.</param>
    /// <param name="count">The fraction, in pixels.</param>
    private protected abstract ReadOnlySpan<int> Taken(int[] order, int count);

    /// <summary>How a picture, C·H·W, looks without some pixels (H·W, true where taken).</summary>
    private protected abstract Func<bool[], RandomStream, float[]> FillOf(EvaluationTrial trial, float[] picture);

    /// <summary>A picture with the values of another where pixels are taken.</summary>
    private protected static float[] Mix(float[] picture, float[] other, bool[] taken) =>
        [.. picture.Select((value, i) => taken[i % taken.Length] ? other[i] : value)];

    private int[] OrderOf(Heatmap map)
    {
        int[] order = [.. Enumerable.Range(0, map.Length)];
        new RandomStream(Seed).Shuffle<int>(order);
        float[] values = map.Values.ToArray();
        return [.. order.OrderByDescending(pixel => values[pixel])]; // a stable sort
    }
}

using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>
/// Is what the map shows enough? The picture is shown through its map: the map's positive values over its maximum tell how much
/// of each pixel is seen, the rest is <see cref="Baseline"/>. A blank map hides all, one of equal positive values nothing. One
/// forward pass for each picture.
/// </summary>
public abstract class ShownPartMeasure : EvaluationMeasure
{
    /// <summary>
    /// What hides, in the input's units: one value, or one for each channel. The default, 0, is the mean colour of a normalised
    /// picture.
    /// </summary>
    public IReadOnlyList<float> Baseline { get; init; } = [0];

    /// <inheritdoc/>
    protected sealed override double[] ScoresOf(EvaluationTrial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        float[] hidden = trial.PlainPicture(Baseline);
        double[] after = trial.ConfidencesOf(
            trial.Pictures,
            picture => (picture, Shown(trial.PlanesOf(picture), hidden, trial.MapOf(picture)))
        );
        return [.. after.Select((confidence, picture) => ScoreOf(trial.ConfidenceOf(picture), confidence))];
    }

    /// <summary>The score of one picture.</summary>
    /// <param name="whole">How sure the model is of the class when it sees the whole picture, in [0, 1].</param>
    /// <param name="shown">And when it sees what the map shows.</param>
    private protected abstract double ScoreOf(double whole, double shown);

    private static float[] Shown(float[] picture, float[] hidden, Heatmap map)
    {
        float[] values = map.Values.ToArray();
        float largest = map.Max;
        return largest > 0
            ?
            [
                .. picture.Select(
                    (value, i) =>
                        Math.Max(values[i % values.Length], 0) / largest is var seen && seen == 1
                            ? value
                            : hidden[i] + (seen * (value - hidden[i]))
                ),
            ]
            : hidden;
    }
}

using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>
/// The area under the deletion curve: how sure the model stays while the most relevant pixels are hidden, from none to all. Low
/// when the map finds what the model needs. <see cref="Steps"/> + 1 forward passes for each picture.
/// </summary>
/// <remarks>
/// <see href="https://arxiv.org/abs/1806.07421">Petsiuk, Das, Saenko, "RISE: Randomized input sampling for explanation of
/// black-box models", BMVC 2018</see>, section 4.2 and algorithm 2. Hidden pixels make pictures that no training set has;
/// <see cref="RoadMostRelevantFirst"/> is made against that.
/// </remarks>
public sealed class Deletion : RemovalMeasure
{
    /// <inheritdoc/>
    public override string Name => "deletion";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <summary>How many times pixels are hidden, as many each time.</summary>
    public int Steps { get; init; } = 32;

    /// <summary>
    /// What hides, in the input's units: one value, or one for each channel. The default, 0, is the mean colour of a normalised
    /// picture.
    /// </summary>
    public IReadOnlyList<float> Baseline { get; init; } = [0];

    private protected override IReadOnlyList<double> Fractions => EvenSteps(Steps);

    private protected override double ScoreOf(ConfidenceCurve curve) => curve.Area;

    private protected override ReadOnlySpan<int> Taken(int[] order, int count) => order.AsSpan(0, count);

    private protected override Func<bool[], RandomStream, float[]> FillOf(EvaluationTrial trial, float[] picture)
    {
        float[] hidden = trial.PlainPicture(Baseline);
        return (taken, _) => Mix(picture, hidden, taken);
    }
}

using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>
/// The area under the insertion curve: how sure the model becomes while the most relevant pixels are shown, from none to all, in
/// place of a blurred picture. High when the map finds what is enough. <see cref="Steps"/> + 1 forward passes for each picture.
/// </summary>
/// <remarks>
/// <see href="https://arxiv.org/abs/1806.07421">Petsiuk, Das, Saenko, "RISE: Randomized input sampling for explanation of
/// black-box models", BMVC 2018</see>, section 4.2.
/// </remarks>
public sealed class Insertion : RemovalMeasure
{
    /// <inheritdoc/>
    public override string Name => "insertion";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <summary>How many times pixels are shown, as many each time.</summary>
    public int Steps { get; init; } = 32;

    /// <summary>
    /// The blur's standard deviation in pixels, at least so large that the blurred picture shows no class; null for 5/32 of the
    /// picture's shorter side: 5 of 32, 35 of 224.
    /// </summary>
    public double? Blur { get; init; }

    private protected override IReadOnlyList<double> Fractions => EvenSteps(Steps);

    private protected override double ScoreOf(ConfidenceCurve curve) => curve.Area;

    private protected override ReadOnlySpan<int> Taken(int[] order, int count) => order.AsSpan(count);

    private protected override Func<bool[], RandomStream, float[]> FillOf(EvaluationTrial trial, float[] picture)
    {
        double blur = Blur ?? 5 / 32.0 * Math.Min(trial.Height, trial.Width);
        float[] blurred = GaussianBlur.Of(picture, trial.Height, trial.Width, blur);
        return (taken, _) => Mix(picture, blurred, taken);
    }
}

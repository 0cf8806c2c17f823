namespace AttentionLab.Training;

/// <summary>
/// The learning rate rises in a straight line for some epochs, step by step, and then follows another schedule: PyTorch's
/// SequentialLR of LinearLR and that schedule, which counts its steps from where the rise ends.
/// </summary>
/// <param name="Then">The schedule after the rise.</param>
public sealed record Warmup(LearningRateSchedule Then) : LearningRateSchedule
{
    /// <summary>How long the rate rises, in epochs, positive; a fraction of an epoch is rounded to whole steps.</summary>
    public double Epochs { get; init; } = 1;

    /// <summary>The first step's rate over the full one, in [0, 1].</summary>
    public double StartFactor { get; init; } = 0.1;

    internal override bool DependsOnLength => Then.DependsOnLength;

    internal override double Rate(double learningRate, SchedulePoint point)
    {
        double rise = Math.Max(1, Math.Round(Epochs * point.StepsPerEpoch));
        if (point.Step < rise)
        {
            return learningRate * (StartFactor + ((1 - StartFactor) * point.Step / rise));
        }

        long rising = (long)rise;
        return Then.Rate(learningRate, point with { Step = point.Step - rising, Steps = point.Steps - rising });
    }

    internal override void Check()
    {
        ArgumentNullException.ThrowIfNull(Then);
        OptionRange.Check(Epochs > 0 && double.IsFinite(Epochs), Epochs, $"{nameof(Warmup)}.{nameof(Epochs)}", "is positive");
        OptionRange.Check(StartFactor is >= 0 and <= 1, StartFactor, nameof(StartFactor), "lies between 0 and 1");
        Then.Check();
    }
}

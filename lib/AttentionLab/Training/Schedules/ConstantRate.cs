namespace AttentionLab.Training;

/// <summary>The same learning rate in every step.</summary>
public sealed record ConstantRate : LearningRateSchedule
{
    internal override bool DependsOnLength => false;

    internal override double Rate(double learningRate, SchedulePoint point) => learningRate;
}

namespace AttentionLab.Training;

/// <summary>
/// The learning rate falls in a straight line, step by step: step t of T, counted from 0, has the rate r · (1 − t/T). PyTorch's
/// LinearLR with start_factor 1, end_factor 0 and total_iters T.
/// </summary>
public sealed record LinearDecay : LearningRateSchedule
{
    internal override double Rate(double learningRate, SchedulePoint point) =>
        learningRate * (1 - ((double)point.Step / point.Steps));
}

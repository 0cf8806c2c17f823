namespace AttentionLab.Training;

/// <summary>
/// The learning rate falls along half a cosine, step by step: PyTorch's CosineAnnealingLR with T_max = T, the run's steps.
/// </summary>
/// <remarks>
/// Loshchilov, Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017, formula 5, without restarts: step t,
/// counted from 0, has the rate e + (r − e) · (1 + cos(π·t/T)) / 2, where r is the learning rate and e its end.
/// </remarks>
public sealed record CosineAnnealing : LearningRateSchedule
{
    /// <summary>The rate that it falls to, over the first one, in [0, 1]. PyTorch: eta_min over the learning rate.</summary>
    public double EndFactor { get; init; }

    internal override double Rate(double learningRate, SchedulePoint point)
    {
        double end = EndFactor * learningRate;
        return end + ((learningRate - end) * (1 + Math.Cos(Math.PI * point.Step / point.Steps)) / 2);
    }

    internal override void Check() =>
        OptionRange.Check(EndFactor is >= 0 and <= 1, EndFactor, nameof(EndFactor), "lies between 0 and 1");
}

namespace AttentionLab.Training;

/// <summary>
/// The learning rate falls along half a cosine, step by step: PyTorch's CosineAnnealingLR with T_max = T, the run's steps.
/// </summary>
/// <remarks>
/// <para>$ηₜ = e + (r − e)·(1 + \cos(π·t/T))/2$ in step t, counted from 0, where r is the learning rate and e its end.</para>
/// <para><see href="https://arxiv.org/abs/1608.03983">Loshchilov, Hutter, "SGDR: Stochastic gradient descent with warm
/// restarts", ICLR 2017</see>, formula 5, without restarts.</para>
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

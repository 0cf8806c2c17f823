namespace AttentionLab.Training;

/// <summary>
/// The learning rate rises in a straight line to <see cref="TrainingOptions.LearningRate"/> and then falls in a straight line,
/// step by step: PyTorch's OneCycleLR with anneal_strategy "linear".
/// </summary>
/// <remarks>
/// <para>With T steps, the highest rate is that of step number <see cref="RisingPart"/>·T − 1, counted from 0, and the last
/// one that of step T − 1.</para>
/// <para><see href="https://arxiv.org/abs/1708.07120">Smith, Topin, "Super-Convergence: Very fast training of neural networks
/// using large learning rates", 2017</see>.</para>
/// </remarks>
public sealed record OneCycle : LearningRateSchedule
{
    /// <summary>The part of the steps in which the rate rises, in (0, 1). PyTorch: pct_start.</summary>
    public double RisingPart { get; init; } = 0.25;

    /// <summary>The first step's rate over the highest one, in [0, 1]. PyTorch: 1 / div_factor.</summary>
    public double StartFactor { get; init; } = 0.04;

    /// <summary>The last step's rate over the highest one, in [0, 1]. PyTorch: 1 / (div_factor · final_div_factor).</summary>
    public double EndFactor { get; init; }

    internal override double Rate(double learningRate, SchedulePoint point)
    {
        double peak = Math.Max(0, (RisingPart * point.Steps) - 1),
            last = point.Steps - 1;
        return point.Step <= peak && peak > 0
            ? Between(StartFactor * learningRate, learningRate, point.Step / peak)
            : Between(learningRate, EndFactor * learningRate, last > peak ? (point.Step - peak) / (last - peak) : 0);
    }

    internal override void Check()
    {
        OptionRange.Check(RisingPart is > 0 and < 1, RisingPart, nameof(RisingPart), "lies strictly between 0 and 1");
        OptionRange.Check(StartFactor is >= 0 and <= 1, StartFactor, nameof(StartFactor), "lies between 0 and 1");
        OptionRange.Check(EndFactor is >= 0 and <= 1, EndFactor, nameof(EndFactor), "lies between 0 and 1");
    }

    private static double Between(double start, double end, double share) => start + ((end - start) * share);
}

namespace AttentionLab.Training;

/// <summary>
/// Cuts the learning rate when the loss stops falling: PyTorch's ReduceLROnPlateau in mode min with its other defaults. An
/// epoch improves on the best loss so far when its loss is below it by more than a ten-thousandth of it.
/// </summary>
public sealed record ReduceOnPlateau : LearningRateSchedule
{
    private const double Threshold = 1e-4,
        SmallestCut = 1e-8;

    /// <summary>What the rate is multiplied by when it is cut, in (0, 1).</summary>
    public double Factor { get; init; } = 0.5;

    /// <summary>Epochs without improvement to tolerate, at least 0; the next one cuts the rate.</summary>
    public int Patience { get; init; } = 3;

    internal override bool DependsOnLength => false;

    internal override double Rate(double learningRate, SchedulePoint point)
    {
        double rate = learningRate,
            best = double.PositiveInfinity;
        int waited = 0;
        foreach (double loss in point.Losses)
        {
            if (loss < best * (1 - Threshold))
            {
                (best, waited) = (loss, 0);
            }
            else if (++waited > Patience)
            {
                waited = 0;
                rate = Cut(rate);
            }
        }

        return rate;
    }

    internal override void Check()
    {
        OptionRange.Check(Factor is > 0 and < 1, Factor, nameof(Factor), "lies strictly between 0 and 1");
        OptionRange.Check(Patience >= 0, Patience, nameof(Patience), "is at least 0");
    }

    private double Cut(double rate) => rate - (rate * Factor) > SmallestCut ? rate * Factor : rate;
}

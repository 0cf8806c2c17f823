namespace AttentionLab.Training;

/// <summary>
/// Cuts the learning rate when the loss stays on a plateau: PyTorch's ReduceLROnPlateau in mode min with its other defaults. A
/// loss is better when it is below the best one by more than a ten-thousandth of it.
/// </summary>
/// <param name="factor">What the rate is multiplied by when it is cut.</param>
/// <param name="patience">Epochs without a better loss that are borne; the next one cuts.</param>
internal sealed class PlateauSchedule(double factor, int patience)
{
    private const double Threshold = 1e-4,
        SmallestCut = 1e-8;

    private double _best = double.PositiveInfinity;
    private int _waited;

    /// <summary>The learning rate after an epoch.</summary>
    /// <param name="learningRate">The rate of the epoch.</param>
    /// <param name="loss">The epoch's loss on what is watched.</param>
    public double Next(double learningRate, double loss)
    {
        if (loss < _best * (1 - Threshold))
        {
            (_best, _waited) = (loss, 0);
        }
        else if (++_waited > patience)
        {
            _waited = 0;
            double cut = learningRate * factor;
            return learningRate - cut > SmallestCut ? cut : learningRate;
        }

        return learningRate;
    }
}

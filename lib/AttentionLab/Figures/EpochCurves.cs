namespace AttentionLab.Figures;

/// <summary>What a training run measured after each epoch, for <see cref="TrainingCharts.Epochs(EpochCurves, System.Globalization.CultureInfo)"/>: four lists of one length.</summary>
/// <param name="TrainAccuracy">Fractions in [0, 1], first epoch first.</param>
/// <param name="TestAccuracy">Fractions in [0, 1].</param>
/// <param name="TrainLoss">Mean losses.</param>
/// <param name="TestLoss">Mean losses.</param>
/// <param name="Name">What the run is called when several are compared.</param>
public sealed record EpochCurves(
    IReadOnlyList<double> TrainAccuracy,
    IReadOnlyList<double> TestAccuracy,
    IReadOnlyList<double> TrainLoss,
    IReadOnlyList<double> TestLoss,
    string Name = "");

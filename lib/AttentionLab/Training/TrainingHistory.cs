namespace AttentionLab.Training;

/// <summary>The course of a training run.</summary>
/// <param name="IterationLosses">Every step's mean loss over its batch; the step at index i is iteration i + 1.</param>
/// <param name="Epochs">Every finished epoch.</param>
/// <param name="Cancelled">Whether the run was stopped before its last epoch.</param>
/// <param name="Device">Where it ran, such as "cpu" or "cuda:0".</param>
public sealed record TrainingHistory(
    IReadOnlyList<double> IterationLosses,
    IReadOnlyList<EpochRecord> Epochs,
    bool Cancelled,
    string Device
)
{
    /// <summary>What differs from what the options say, in sentences, such as which pictures were put into one batch.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The last finished epoch's test accuracy, in [0, 1]: the number that the tutorial returns.</summary>
    /// <exception cref="InvalidOperationException">No epoch was finished.</exception>
    public double FinalTestAccuracy => Last.TestAccuracy;

    /// <summary>The last finished epoch.</summary>
    /// <exception cref="InvalidOperationException">No epoch was finished.</exception>
    public EpochRecord Last => Epochs.Count > 0 ? Epochs[^1] : throw NoEpoch();

    /// <summary>
    /// The epoch with the highest accuracy on the validation part; without such a part on the test pictures, which then have
    /// chosen the number that they are asked to judge.
    /// </summary>
    /// <exception cref="InvalidOperationException">No epoch was finished.</exception>
    public EpochRecord Best => Epochs.MaxBy(e => e.ValidationAccuracy ?? e.TestAccuracy) ?? throw NoEpoch();

    private static InvalidOperationException NoEpoch() => new("Training was stopped before its first epoch was over.");
}

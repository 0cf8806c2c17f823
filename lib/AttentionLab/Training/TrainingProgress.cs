using System.Globalization;

namespace AttentionLab.Training;

/// <summary>Where a run stands after a step.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Epochs">How many are planned.</param>
/// <param name="Batch">Within the epoch, from 1.</param>
/// <param name="Batches">How many batches an epoch has.</param>
/// <param name="Iteration">Steps so far in all epochs, from 1.</param>
/// <param name="Loss">The step's mean loss over its batch.</param>
/// <param name="RunningLoss">The epoch's mean loss so far, every picture weighing alike.</param>
/// <param name="RunningAccuracy">The epoch's share of pictures named right so far, in [0, 1], in train mode and
/// augmented.</param>
/// <param name="ImagesPerSecond">Training pictures a second in this epoch.</param>
/// <param name="TimeLeft">Estimated until the end of the last epoch.</param>
/// <param name="Finished">The epoch's results, in the report that follows its last batch and its tests; else null.</param>
/// <param name="History">All losses and epochs so far; it grows while the run goes on.</param>
public sealed record TrainingProgress(
    int Epoch,
    int Epochs,
    int Batch,
    int Batches,
    int Iteration,
    double Loss,
    double RunningLoss,
    double RunningAccuracy,
    double ImagesPerSecond,
    TimeSpan TimeLeft,
    EpochRecord? Finished,
    TrainingHistory History
)
{
    /// <summary>What the step was taken with.</summary>
    public double LearningRate { get; init; }

    /// <summary>Whether the tutorial prints a line here: after every hundredth batch and after an epoch.</summary>
    public bool IsMilestone => Finished is not null || Batch % 100 == 0;

    /// <summary>The tutorial's line: epoch, batch, the batch's loss and the running mean, or the epoch's results.</summary>
    public override string ToString() =>
        Finished?.ToString()
        ?? string.Create(
            CultureInfo.InvariantCulture,
            $"Epoch {Epoch}/{Epochs} | batch {Batch}/{Batches} | loss {Loss:f4} | mean loss {RunningLoss:f4} | "
                + $"{ImagesPerSecond:f0} images/s"
        );
}

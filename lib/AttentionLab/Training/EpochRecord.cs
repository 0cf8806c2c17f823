using System.Globalization;

namespace AttentionLab.Training;

/// <summary>The results of one epoch. Means weigh every picture alike, also those of a short last batch.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainLoss">Mean loss over the training pictures, each taken at its step, with label smoothing and mixing.</param>
/// <param name="TrainAccuracy">Share of training pictures classified correctly, in [0, 1], in train mode and augmented.</param>
/// <param name="TestLoss">Mean cross-entropy over the test pictures after the epoch, in eval mode.</param>
/// <param name="TestAccuracy">Share of test pictures classified correctly, in [0, 1].</param>
/// <param name="ValidationLoss">The same over the validation part, when there is one.</param>
/// <param name="ValidationAccuracy">The same over the validation part, when there is one.</param>
/// <param name="LearningRate">Of the epoch's last step.</param>
/// <param name="Duration">Wall time of the epoch, tests included.</param>
/// <param name="ImagesPerSecond">Training pictures a second, without the tests.</param>
public sealed record EpochRecord(
    int Epoch,
    double TrainLoss,
    double TrainAccuracy,
    double TestLoss,
    double TestAccuracy,
    double? ValidationLoss,
    double? ValidationAccuracy,
    double LearningRate,
    TimeSpan Duration,
    double ImagesPerSecond
)
{
    /// <summary>The tutorial's line: both accuracies and losses.</summary>
    public override string ToString()
    {
        string validation = ValidationAccuracy is { } accuracy
            ? string.Create(CultureInfo.InvariantCulture, $" | validation {100 * accuracy:f2} %, loss {ValidationLoss:f4}")
            : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Epoch {Epoch} done in {Duration.TotalSeconds:f1} s | train {100 * TrainAccuracy:f2} %, loss "
                + $"{TrainLoss:f4}{validation} | test {100 * TestAccuracy:f2} %, loss {TestLoss:f4}"
        );
    }
}

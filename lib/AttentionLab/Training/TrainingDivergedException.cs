using System.Globalization;

namespace AttentionLab.Training;

/// <summary>The loss became infinite or NaN. The weights are those before the step that failed.</summary>
public sealed class TrainingDivergedException : Exception
{
    internal TrainingDivergedException(double loss, int epoch, int batch, double learningRate, TrainingHistory history)
        : base(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The loss is {loss} at epoch {epoch}, batch {batch} (iteration {history.IterationLosses.Count + 1}). Try a "
                    + $"smaller learning rate than {learningRate:g3}, and look at the pictures and labels of that batch for "
                    + $"values that are not finite."
            )
        )
    {
        History = history;
    }

    /// <summary>The run up to the step before.</summary>
    public TrainingHistory History { get; }
}

using System.Globalization;

namespace AttentionLab.Training;

/// <summary>
/// The loss became infinite or NaN. In training the weights are those before the step that failed; when the loss of the
/// validation or test pictures shows it, they are those that gave it.
/// </summary>
public sealed class TrainingDivergedException : Exception
{
    internal TrainingDivergedException(double loss, int epoch, int batch, double learningRate, TrainingHistory history)
        : this(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The loss is {loss} at epoch {epoch}, batch {batch} (iteration {history.IterationLosses.Count + 1}). Try a "
                    + $"smaller learning rate than {learningRate:g3}, and look at the pictures and labels of that batch for "
                    + $"values that are not finite."
            ),
            history
        ) { }

    private TrainingDivergedException(string message, TrainingHistory history)
        : base(message) => History = history;

    /// <summary>The run up to the step before.</summary>
    public TrainingHistory History { get; }

    /// <summary>Refuses weights whose loss on a part that is not learned is infinite or NaN: the last step spoiled
    /// them.</summary>
    internal static void ThrowIfDiverged(string part, double loss, int epoch, double learningRate, TrainingHistory history)
    {
        if (!double.IsFinite(loss))
        {
            throw new TrainingDivergedException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The {part} loss is {loss} after epoch {epoch}, though the training loss was finite: its last steps "
                        + $"spoiled the weights, or a normalisation its running statistics, as of layers with one value for each "
                        + $"channel. Try a smaller learning rate than {learningRate:g3}."
                ),
                history
            );
        }
    }
}

using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// Writes a run for TensorBoard, as <c>Fit</c>'s progress or a part of it. Tags: <c>loss/batch</c> against the step; against
/// the epoch <c>loss/train</c>, <c>loss/test</c>, <c>accuracy/train</c>, <c>accuracy/test</c> (in [0, 1]), the same with
/// <c>validation</c> when there is such a part, <c>learning_rate</c> and <c>images_per_second</c>.
/// </summary>
/// <remarks>
/// Each object begins a file of its own. A run that was stopped and goes on writes the steps since its checkpoint again, with the
/// same values, so TensorBoard draws them on top of one another.
/// </remarks>
public sealed class TensorBoardLog
{
    private readonly SummaryWriter _writer;

    /// <summary>Begins an event file.</summary>
    /// <param name="folder">Made if need be. One folder for one run: TensorBoard shows its name.</param>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public TensorBoardLog(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _writer = utils.tensorboard.SummaryWriter(folder);
    }

    /// <summary>Writes a step's loss, or what an epoch brought; every value is on disk when this returns.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Record(TrainingProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (progress.Finished is not { } epoch)
        {
            _writer.add_scalar("loss/batch", (float)progress.Loss, progress.Iteration);
            return;
        }

        (string Tag, double? Value)[] scalars =
        [
            ("loss/train", epoch.TrainLoss),
            ("loss/validation", epoch.ValidationLoss),
            ("loss/test", epoch.TestLoss),
            ("accuracy/train", epoch.TrainAccuracy),
            ("accuracy/validation", epoch.ValidationAccuracy),
            ("accuracy/test", epoch.TestAccuracy),
            ("learning_rate", epoch.LearningRate),
            ("images_per_second", epoch.ImagesPerSecond),
        ];
        foreach ((string tag, double? value) in scalars)
        {
            if (value is { } number)
            {
                _writer.add_scalar(tag, (float)number, epoch.Epoch);
            }
        }
    }
}

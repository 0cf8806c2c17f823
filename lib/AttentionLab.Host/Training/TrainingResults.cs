using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Models;
using AttentionLab.Reports;
using AttentionLab.Training;

namespace AttentionLab.Host.Training;

/// <summary>The results of a training run: files, the document for a script, and sentences.</summary>
internal sealed class TrainingResults(
    string model,
    TrainedNetwork network,
    DataSet data,
    TrainingOptions options,
    Trainer trainer,
    TrainingFolder folder,
    TrainingHistory history
)
{
    /// <summary>Writes the weights of a run that was not stopped, and the page of one with an epoch.</summary>
    public void Save()
    {
        if (history.Epochs.Count == 0)
        {
            return;
        }

        if (!history.Cancelled)
        {
            EpochRecord epoch = options.RestoreBest ? history.Best : history.Last;
            TrainingFolder.SaveWeights(folder.Weights, network, data, options.Seed, epoch);
        }

        new TrainingPage(history) { Facts = Facts() }.Save(folder.Page);
    }

    /// <summary>Everything as a JSON document has it.</summary>
    public object ToDocument(IReadOnlyList<string> notes) =>
        new
        {
            Model = model,
            Data = data.Name,
            Notes = notes,
            Classes = data.ClassNames,
            TrainingPictures = data.Train.Count,
            ValidationPictures = data.Validation?.Count,
            TestPictures = data.Test.Count,
            options.Seed,
            options.BatchSize,
            options.LearningRate,
            options.ValidationFraction,
            MixedPrecision = trainer.UsesMixedPrecision,
            history.Device,
            Finished = !history.Cancelled,
            TestAccuracy = history.Epochs.Count > 0 ? history.Last.TestAccuracy : (double?)null,
            BestEpoch = history.Epochs.Count > 0 ? history.Best.Epoch : (int?)null,
            Epochs = history.Epochs.Select(epoch => new
            {
                epoch.Epoch,
                epoch.TrainLoss,
                epoch.TrainAccuracy,
                epoch.ValidationLoss,
                epoch.ValidationAccuracy,
                epoch.TestLoss,
                epoch.TestAccuracy,
                epoch.LearningRate,
                Seconds = epoch.Duration.TotalSeconds,
                epoch.ImagesPerSecond,
            }),
            Files = new
            {
                Weights = Existing(folder.Weights),
                Best = Existing(folder.BestWeights),
                Checkpoint = Existing(folder.Checkpoint),
                Page = Existing(folder.Page),
            },
        };

    /// <summary>Writes the accuracies, and which files there are.</summary>
    public async Task SayAsync(TextWriter output)
    {
        if (history.Epochs.Count > 0)
        {
            EpochRecord last = history.Last,
                best = history.Best;
            await output
                .WriteLineAsync(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Test accuracy {100 * last.TestAccuracy:0.00} % after epoch {last.Epoch}, "
                            + $"{100 * best.TestAccuracy:0.00} % after the best one, {best.Epoch}."
                    )
                )
                .ConfigureAwait(false);
        }

        (string What, string File)[] files =
        [
            ("Weights", folder.Weights),
            ("Best", folder.BestWeights),
            ("Checkpoint", folder.Checkpoint),
            ("Page", folder.Page),
        ];
        foreach ((string what, string file) in files.Where(file => Existing(file.File) is not null))
        {
            await output.WriteLineAsync($"{what}: {file}").ConfigureAwait(false);
        }
    }

    private string[] Facts()
    {
        long parameters = network.Module.parameters().Sum(parameter => parameter.numel());
        TimeSpan time = TimeSpan.FromTicks(history.Epochs.Sum(epoch => epoch.Duration.Ticks));
        FormattableString[] facts =
        [
            $"{network.Module.GetName()} (--model {model}), {parameters:#,0} parameters",
            $"{data.Name}: {data.Train.Count:#,0} training and {data.Test.Count:#,0} test pictures, {data.ClassNames.Count} classes",
            $"Seed {options.Seed}, batches of {options.BatchSize}, learning rate {options.LearningRate}, validation part {options.ValidationFraction}",
            $"{time.TotalMinutes:0.0} minutes on {history.Device} in {(trainer.UsesMixedPrecision ? "mixed precision" : "float32")}, TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(3)}",
        ];
        return [.. facts.Select(FormattableString.Invariant)];
    }

    private static string? Existing(string file) => File.Exists(file) ? file : null;
}

using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Host.Training;

/// <summary>
/// What a training run leaves in its folder: its checkpoint, the weights of its last and of its best epoch, and a page.
/// </summary>
internal sealed class TrainingFolder(string path)
{
    public string Checkpoint { get; } = Path.Combine(path, "checkpoint.safetensors");

    public string Weights { get; } = Path.Combine(path, "weights.safetensors");

    public string BestWeights { get; } = Path.Combine(path, "best.safetensors");

    public string Page { get; } = Path.Combine(path, "index.html");

    /// <summary>A run is never begun on top of another one.</summary>
    /// <exception cref="UsageException">There is one.</exception>
    public void CheckFree()
    {
        if (File.Exists(Checkpoint))
        {
            throw new UsageException(
                $"{path} holds a run already. Continue it with --resume, or name another folder with --out."
            );
        }
    }

    /// <summary>Writes weights with class names, normalisation, and what they were trained on.</summary>
    /// <param name="file">Where.</param>
    /// <param name="network">As it is after the epoch.</param>
    /// <param name="data">What it was trained on.</param>
    /// <param name="seed">Of the run.</param>
    /// <param name="epoch">The last one of these weights.</param>
    public static void SaveWeights(string file, TrainedNetwork network, DataSet data, long seed, EpochRecord epoch)
    {
        var metadata = new Dictionary<string, string>
        {
            ["data"] = data.Name,
            ["seed"] = seed.ToString(CultureInfo.InvariantCulture),
            ["epochs"] = epoch.Epoch.ToString(CultureInfo.InvariantCulture),
            ["test_accuracy"] = epoch.TestAccuracy.ToString("0.0000", CultureInfo.InvariantCulture),
        };
        if (epoch.ValidationAccuracy is { } accuracy)
        {
            metadata["validation_accuracy"] = accuracy.ToString("0.0000", CultureInfo.InvariantCulture);
        }

        network.Save(file, metadata);
    }
}

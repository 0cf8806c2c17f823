using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;
using AttentionLab.Training;
using static TorchSharp.torch;

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

    /// <summary>Writes weights that say what they are of.</summary>
    /// <param name="file">Where.</param>
    /// <param name="model">As it is after the epoch.</param>
    /// <param name="kind">The network.</param>
    /// <param name="data">What it learned.</param>
    /// <param name="seed">Of the run.</param>
    /// <param name="epoch">The last one of these weights.</param>
    public static void SaveWeights(
        string file,
        nn.Module<Tensor, Tensor> model,
        NetworkArchitecture kind,
        DataSet data,
        long seed,
        EpochRecord epoch
    )
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

        var network = new TrainedNetwork(model, data.ClassNames, data.Normalization)
        {
            Architecture = kind,
            Height = data.Train.Height,
            Width = data.Train.Width,
        };
        network.Save(file, metadata);
    }
}

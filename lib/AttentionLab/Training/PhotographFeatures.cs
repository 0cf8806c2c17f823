using AttentionLab.Data;
using AttentionLab.Imaging;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>What a frozen network makes of photographs, each looked at once.</summary>
/// <param name="Files">The photographs that could be read.</param>
/// <param name="Labels">Their classes.</param>
/// <param name="Values">Their features.</param>
internal sealed record PhotographFeatures(string[] Files, int[] Labels, float[][] Values)
{
    /// <summary>Reads photographs, no more at once than the network's size allows.</summary>
    /// <param name="network">Gives the preprocessing.</param>
    /// <param name="backbone">Gives the features.</param>
    /// <param name="photographs">Which.</param>
    /// <param name="report">Receives a sentence for each unreadable file, which is left out.</param>
    /// <param name="advance">Receives how many photographs are done with, time and again.</param>
    /// <param name="cancellationToken">Stops between two photographs.</param>
    /// <exception cref="InvalidDataException">A feature is NaN or infinite.</exception>
    public static PhotographFeatures Read(
        TrainedNetwork network,
        Backbone backbone,
        LabeledPhotographs photographs,
        Action<string> report,
        Action<int> advance,
        CancellationToken cancellationToken
    )
    {
        var labelOf = photographs.Files.DistinctBy(each => each.File).ToDictionary(each => each.File, each => each.Label);
        var files = new List<string>();
        var features = new List<float[]>();
        using var extractor = new FeatureExtractor(backbone);
        using var evaluation = new EvaluationMode(backbone.Module);
        using IDisposable noGradients = no_grad();
        foreach ((string File, int Label)[] part in photographs.Files.Chunk(network.AtOnce))
        {
            (string File, Image Image)[] read = [.. PictureFiles.Read(part.Select(each => each.File), report, cancellationToken)];
            if (read.Length > 0)
            {
                using Tensor input = network.ToInput([.. read.Select(each => each.Image)]);
                files.AddRange(read.Select(each => each.File));
                features.AddRange(Of(backbone, extractor, input, read));
            }

            advance(part.Length);
        }

        return new([.. files], [.. files.Select(file => labelOf[file])], [.. features]);
    }

    private static float[][] Of(Backbone backbone, FeatureExtractor extractor, Tensor input, (string File, Image Image)[] read)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor seen = ForwardPass.Of(backbone, extractor, input);
        if (seen.dim() != 2 || seen.shape[0] != read.Length)
        {
            throw new InvalidDataException(
                $"For {read.Length} photographs the network outputs {string.Join('×', seen.shape)}, and features are "
                    + "photographs × numbers: pool and flatten them first."
            );
        }

        float[][] rows = [.. seen.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray().Chunk((int)seen.shape[1])];
        int broken = Array.FindIndex(rows, row => !row.All(float.IsFinite));
        return broken < 0
            ? rows
            : throw new InvalidDataException(
                $"{read[broken].File}: the network's features hold NaN or infinity; its weights are broken."
            );
    }
}

using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Host.Explaining;

/// <summary>
/// Numbers in a safetensors file: those of <see cref="ExplanationFile"/>, which reads it too where there are maps, then
/// <c>channels/LAYER/top</c> (int64, N×3) and <c>channels/LAYER/heatmap</c> (N×3×H×W), and the modules' weights <c>se/ca1</c>
/// (N×C). Concepts are <c>concepts/LAYER/maps</c> (N×K×h×w) and <c>concepts/LAYER/vectors</c> (K×C).
/// </summary>
internal static class RawFile
{
    /// <summary>Writes a run; an existing file is replaced.</summary>
    public static void Write(string path, ExplainRun run)
    {
        using DisposeScope scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        foreach (TopChannels layer in run.Channels)
        {
            int pictures = layer.Channels.Count,
                top = layer.Channels[0].Count;
            ChannelMap[] all = [.. layer.Channels.SelectMany(channels => channels)];
            Heatmap[] heatMaps = [.. all.Select(channel => channel.ToHeatMap(run.Height, run.Width))];
            tensors[$"channels/{layer.Layer}/top"] = tensor([.. all.Select(channel => (long)channel.Channel)], [pictures, top]);
            tensors[$"channels/{layer.Layer}/heatmap"] = tensor(
                [.. heatMaps.SelectMany(map => map.Values.ToArray())],
                [pictures, top, run.Height, run.Width]
            );
        }

        foreach (ChannelWeights block in run.Attention)
        {
            tensors[$"{MethodChoice.AttentionWeights}/{block.Block}"] = ToTensor(block.Values);
        }

        foreach (FeatureFactors factors in run.Concepts)
        {
            string name = $"{MethodChoice.FeatureConcepts}/{factors.Layer}";
            Heatmap first = factors.Concepts[0].Maps[0];
            int pictures = factors.Concepts[0].Maps.Count;
            tensors[$"{name}/maps"] = tensor(
                [
                    .. Enumerable
                        .Range(0, pictures)
                        .SelectMany(n => factors.Concepts.SelectMany(concept => concept.Maps[n].Values.ToArray())),
                ],
                [pictures, factors.Concepts.Count, first.Height, first.Width]
            );
            tensors[$"{name}/vectors"] = tensor(
                [.. factors.Concepts.SelectMany(concept => concept.Vector)],
                [factors.Concepts.Count, factors.Concepts[0].Vector.Count]
            );
        }

        if (run.Maps.Count > 0)
        {
            ExplanationFile.Save(run.Maps, path, tensors);
            return;
        }

        tensors["logits"] = tensor(
            [.. run.Predictions.SelectMany(each => each.Output)],
            [run.Predictions.Count, run.Predictions[0].Output.Count]
        );
        tensors["pred"] = tensor([.. run.Predictions.Select(each => (long)each.Best.Index)]);
        Safetensors.Save(tensors, path);
    }

    private static Tensor ToTensor(float[,] values) =>
        tensor([.. values.Cast<float>()], [values.GetLength(0), values.GetLength(1)]);
}

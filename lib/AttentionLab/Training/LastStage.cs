using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// The layers with weights that a network's last stage consists of: those at the resolution of its last convolution, without the
/// classifier behind.
/// </summary>
internal static class LastStage
{
    /// <summary>The layers' paths, in the order in which they run.</summary>
    /// <param name="network">N×C×H×W to N×K; one pass in evaluation mode.</param>
    /// <param name="picture">1×C×H×W.</param>
    /// <exception cref="ArgumentException">No convolution of a larger resolution comes before, so that all layers would be
    /// meant.</exception>
    public static IReadOnlyList<string> Of(nn.Module<Tensor, Tensor> network, Tensor picture)
    {
        List<(string Path, long[] Output, bool IsMap)> layers = Run(network, picture);
        int last = layers.FindLastIndex(layer => layer.IsMap && Places(layer) > 1),
            before = layers.FindLastIndex(layer => layer.IsMap && Places(layer) > (last < 0 ? 0 : Places(layers[last])));
        return before >= 0 && last >= 0
            ? [.. layers.Skip(before + 1).Where(layer => layer.Output.Length > 2).Select(layer => layer.Path).Distinct()]
            : throw new ArgumentException(
                $"{network.GetName()} has no last stage: its convolutions, if any, are all of one resolution. Name the layers that "
                    + $"learn, in {nameof(FineTuning)}.{nameof(FineTuning.Layers)} (--fine-tune on the command line).",
                nameof(network)
            );
    }

    private static List<(string Path, long[] Output, bool IsMap)> Run(nn.Module<Tensor, Tensor> network, Tensor picture)
    {
        using DisposeScope scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(network);
        using IDisposable noGradients = no_grad();
        var layers = new List<(string, long[], bool)>();
        using var hooks = new ForwardHooks(
            network,
            (path, part, output) =>
            {
                Tensor[] weights = [.. part.parameters(recurse: false)];
                if (weights.Length > 0)
                {
                    layers.Add((path, output.shape, IsMap(output.shape, weights)));
                }

                return output;
            }
        );
        ForwardPass.Of(network, picture);
        return layers;
    }

    /// <summary>Whether an output is N×C×h×w, with a channel for each filter or factor; not N×h×w×C.</summary>
    private static bool IsMap(long[] output, Tensor[] weights) =>
        output.Length == 4 && weights.Any(weight => weight.dim() > 0 && weight.shape[0] == output[1]);

    private static long Places((string Path, long[] Output, bool IsMap) layer) => layer.Output[2] * layer.Output[3];
}

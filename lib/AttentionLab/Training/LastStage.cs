using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// The layers with weights that a network's last stage consists of, without the classifier behind: those at the resolution of its
/// last map; in a network of one resolution, such as a vision transformer, the last of its repeated blocks and what follows.
/// </summary>
internal static class LastStage
{
    /// <summary>The layers' paths, in the order in which they run.</summary>
    /// <param name="network">N×C×H×W to N×K; one pass in evaluation mode.</param>
    /// <param name="picture">1×C×H×W.</param>
    /// <exception cref="ArgumentException">No layer of a larger resolution comes before, and no block is repeated, so that all
    /// layers would be meant.</exception>
    public static IReadOnlyList<string> Of(nn.Module<Tensor, Tensor> network, Tensor picture)
    {
        List<Layer> layers = Run(network, picture);
        int last = layers.FindLastIndex(layer => layer.Places > 1),
            before = last < 0 ? -1 : layers.FindLastIndex(layer => layer.Places > layers[last].Places);
        return before >= 0
            ? Behind(before, layers)
            : LastBlock(network, layers)
                ?? throw new ArgumentException(
                    $"{network.GetName()} has no last stage: its layers are all of one resolution, and no block is repeated. "
                        + $"Name the layers that learn, in {nameof(FineTuning)}.{nameof(FineTuning.Layers)} "
                        + "(--fine-tune on the command line).",
                    nameof(network)
                );
    }

    private static List<Layer> Run(nn.Module<Tensor, Tensor> network, Tensor picture)
    {
        using DisposeScope scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(network);
        using IDisposable noGradients = no_grad();
        var layers = new List<Layer>();
        using var hooks = new ForwardHooks(
            network,
            (path, part, output) =>
            {
                Tensor[] weights = [.. part.parameters(recurse: false)];
                if (weights.Length > 0)
                {
                    layers.Add(new Layer(path, output.dim(), PlacesOf(output.shape, weights)));
                }

                return output;
            }
        );
        ForwardPass.Of(network, picture);
        return layers;
    }

    /// <summary>
    /// How many places a map has: N×C×h×w with a channel for each filter or factor, or N×h×w×C with one for each row of a linear
    /// layer or factor; 0 of another output.
    /// </summary>
    private static long PlacesOf(long[] output, Tensor[] weights) =>
        output is not [_, var first, var second, var third] ? 0
        : weights.Any(weight => weight.dim() is not (0 or 2) && weight.shape[0] == first) ? second * third
        : weights.Any(weight => weight.dim() is 1 or 2 && weight.shape[0] == third) ? first * second
        : 0;

    /// <summary>
    /// The last of the outermost blocks that stand side by side with weights of the same names and shapes, and what follows it;
    /// null where there are none.
    /// </summary>
    private static IReadOnlyList<string>? LastBlock(nn.Module network, List<Layer> layers)
    {
        var repeated = ModulePaths
            .Of(network)
            .Where(part => part.Module.named_children().Any())
            .GroupBy(part => (ParentOf(part.Path), WeightsOf(part.Module)))
            .Where(group => group.Count() > 1 && group.Key.Item2.Length > 0)
            .OrderBy(group => group.First().Path.Count(letter => letter == '.'))
            .FirstOrDefault();
        if (repeated is null)
        {
            return null;
        }

        (string block, int end) = repeated
            .Select(part => (part.Path, End: layers.FindLastIndex(layer => IsWithin(layer.Path, part.Path))))
            .MaxBy(part => part.End);
        return end < 0 ? null : [block, .. Behind(end, layers)];
    }

    /// <summary>The layers behind one, without the classifier and without modules that hold layers from before.</summary>
    private static IReadOnlyList<string> Behind(int last, List<Layer> layers) =>
        [
            .. layers
                .Skip(last + 1)
                .Where(layer => layer.Sides > 2 && !layers.Take(last + 1).Any(before => IsWithin(before.Path, layer.Path)))
                .Select(layer => layer.Path)
                .Distinct(),
        ];

    private static bool IsWithin(string path, string module) => path.StartsWith($"{module}.", StringComparison.Ordinal);

    private static string ParentOf(string path) => path[..Math.Max(0, path.LastIndexOf('.'))];

    private static string WeightsOf(nn.Module block) =>
        string.Join(' ', block.named_parameters().Select(weight => $"{weight.name} {string.Join('×', weight.parameter.shape)}"));

    /// <summary>A layer that ran: how many sides its output has, and how many places if it is a map.</summary>
    private readonly record struct Layer(string Path, long Sides, long Places);
}

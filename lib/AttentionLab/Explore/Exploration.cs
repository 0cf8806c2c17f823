using AttentionLab.Explain;
using AttentionLab.Imaging;
using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Explore;

/// <summary>
/// Asks a network about one picture at a time: what it says, and where it looks for a class, by a method, at a layer. Its
/// questions run one after the other, whoever asks: a network has one set of hooks.
/// </summary>
public sealed class Exploration
{
    private readonly Lock _one = new();

    /// <summary>Explores a network, which stays the caller's.</summary>
    public Exploration(TrainedNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        Network = network;
        Methods =
        [
            .. ExplanationMethods.All.Where(each => each.AppliesTo(network.Module).IsApplicable).Select(each => each.Name),
        ];
    }

    /// <summary>The network.</summary>
    public TrainedNetwork Network { get; }

    /// <summary>The names of the methods that can explain it.</summary>
    public IReadOnlyList<string> Methods { get; }

    /// <summary>What the network says of a picture of any size.</summary>
    /// <exception cref="InvalidDataException">The network's weights are broken: a logit is NaN or infinite.</exception>
    public Prediction Predict(Image picture)
    {
        lock (_one)
        {
            return Network.Predict(picture);
        }
    }

    /// <summary>The layers to offer for a picture: of each resolution the last one; none where no layer has height and
    /// width.</summary>
    public IReadOnlyList<string> LayersFor(Image picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        lock (_one)
        {
            using Tensor input = Network.ToInput(picture);
            return SpatialLayers.Of(Network, input);
        }
    }

    /// <summary>Where the network looks in a picture: one map, raw, which knows the part of the picture that it covers.</summary>
    /// <param name="picture">Of any size.</param>
    /// <param name="method">The method's name.</param>
    /// <param name="classIndex">The class to explain; null for the predicted one.</param>
    /// <param name="layer">Where to look; null for the method's own choice. Methods that explain pixels do not ask.</param>
    /// <param name="progress">Receives from 0 to 1 how much is done.</param>
    /// <param name="cancellation">Stops between two forward passes.</param>
    /// <exception cref="ArgumentException">There is no such method, class or layer, or the layer has no height and
    /// width.</exception>
    /// <exception cref="InvalidOperationException">The weights are broken, or the layer does not reach the class's
    /// score.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public Explanation Explain(
        Image picture,
        string method,
        int? classIndex = null,
        string? layer = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default
    )
    {
        ExplanationMethod explain = ExplanationMethods.Get(method);
        string[] layers = layer is null ? [] : [layer];
        if (!explain.AppliesTo(Network.Module, layers).IsApplicable)
        {
            layers = []; // such as attention weights of a convolution: the method has a layer of its own
        }

        var options = new ExplanationOptions
        {
            Target = classIndex is { } index ? Target.Class(index) : Target.Predicted,
            Layers = layers,
            Progress = progress,
            Cancellation = cancellation,
        };
        lock (_one)
        {
            cancellation.ThrowIfCancellationRequested(); // perhaps while it waited
            return explain.Explain(Network, [picture], options)[^1];
        }
    }

    /// <summary>A layer's channels for a picture, those with the highest means first.</summary>
    /// <param name="picture">Of any size.</param>
    /// <param name="layer">The layer's path.</param>
    /// <param name="count">How many; all where there are fewer.</param>
    /// <exception cref="ArgumentException">There is no such layer, it has no height and width, or its values are not
    /// finite.</exception>
    public IReadOnlyList<ChannelMap> Channels(Image picture, string layer, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        lock (_one)
        {
            using Tensor input = Network.ToInput(picture);
            using var extractor = new ActivationExtractor(Network.Module, layer);
            using LayerActivations activations = extractor.Run(input);
            string path = extractor.Layers[0];
            Tensor values = SpatialLayers.LastUseOf(activations, path) ?? activations[path];
            FeatureMaps.Check(values);
            return FeatureMaps.Top(values, (int)Math.Min(count, values.shape[1]));
        }
    }
}

using AttentionLab.Explain;
using AttentionLab.Host.Commands;
using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Host.Explaining;

/// <summary>What the methods found in some pictures: plain numbers.</summary>
internal sealed record ExplainRun
{
    private const int BatchSize = 64;

    /// <summary>Rows of each picture.</summary>
    public required int Height { get; init; }

    /// <summary>Columns of each picture.</summary>
    public required int Width { get; init; }

    /// <summary>What the network says.</summary>
    public required IReadOnlyList<Prediction> Predictions { get; init; }

    /// <summary>One for each method and layer.</summary>
    public required IReadOnlyList<Explanation> Maps { get; init; }

    /// <summary>The tutorial's heat maps, one for each layer; none unless asked for.</summary>
    public required IReadOnlyList<TopChannels> Channels { get; init; }

    /// <summary>The squeeze-and-excitation modules' weights; none unless asked for.</summary>
    public required IReadOnlyList<ChannelWeights> Attention { get; init; }

    /// <summary>The concepts of each layer; none unless asked for.</summary>
    public required IReadOnlyList<FeatureFactors> Concepts { get; init; }

    /// <summary>Of "all", the methods that the network refused, with the reason.</summary>
    public required IReadOnlyList<string> LeftOut { get; init; }

    /// <summary>Runs the methods one after the other.</summary>
    /// <param name="network">The network.</param>
    /// <param name="input">Pictures, N×C×H×W.</param>
    /// <param name="choice">Which methods.</param>
    /// <param name="layers">Paths or patterns; none: each method's own default.</param>
    /// <param name="target">What is explained.</param>
    /// <param name="progress">Told what runs.</param>
    /// <param name="cancellationToken">Stops between two forward passes.</param>
    public static ExplainRun Of(
        TrainedNetwork network,
        Tensor input,
        MethodChoice choice,
        IReadOnlyList<string> layers,
        Target target,
        ExplainProgress progress,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<Prediction> predictions = network.Predict(input, cancellationToken);
        var maps = new List<Explanation>();
        var leftOut = new List<string>();
        IReadOnlyList<TopChannels> channels = [];
        foreach (ExplanationMethod method in choice.Methods)
        {
            progress.Begin(method.Name);

            // Of "all", a method that cannot explain the layers named takes its own: convolutions have no attention weights.
            var options = new ExplanationOptions
            {
                Target = target,
                Output = network.Output,
                Layers = choice.IsAll && !method.AppliesTo(network.Module, layers).IsApplicable ? [] : layers,
                BatchSize = BatchSize,
                Progress = progress,
                Cancellation = cancellationToken,
            };
            IReadOnlyList<Explanation> results = [];
            try
            {
                results = method.Explain(network.Module, input, options);
            }
            catch (Exception e) when (choice.IsAll && e is ArgumentException or InvalidOperationException)
            {
                // Only a pass shows it: attention in windows, a batch of one.
                leftOut.Add($"{MethodChoice.All} leaves out {method.Name}: {CommandLine.WithoutParameterName(e)}");
            }

            maps.AddRange(results);
            if (method is RankedChannel && results.Count > 0)
            {
                channels = TopChannels.Of(
                    network.Module,
                    input,
                    [.. results.Select(result => result.Layer)],
                    BatchSize,
                    cancellationToken
                );
            }

            progress.End();
        }

        return new ExplainRun
        {
            Height = (int)input.shape[2],
            Width = (int)input.shape[3],
            Predictions = predictions,
            Maps = maps,
            LeftOut = leftOut,
            Channels = channels,
            Attention = choice.Weights ? ChannelWeights.Of(network.Module, input, BatchSize) : [],
            Concepts = choice.Concepts ? ConceptsOf(network, input, layers, cancellationToken) : [],
        };
    }

    private static IReadOnlyList<FeatureFactors> ConceptsOf(
        TrainedNetwork network,
        Tensor input,
        IReadOnlyList<string> layers,
        CancellationToken cancellationToken
    )
    {
        string?[] each = [null];
        if (layers.Count > 0)
        {
            using var extractor = new ActivationExtractor(network.Module, layers);
            each = [.. extractor.Layers];
        }

        return
        [
            .. each.Select(layer =>
                new DeepFeatureFactorization { Layer = layer }.Factorize(network.Module, input, cancellationToken)
            ),
        ];
    }
}

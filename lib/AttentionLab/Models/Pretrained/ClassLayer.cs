using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Gives a network that learned before an output for each class of another set.</summary>
internal static class ClassLayer
{
    /// <summary>See <see cref="TrainedNetwork.ForClasses"/>.</summary>
    public static TrainedNetwork On(TrainedNetwork network, IReadOnlyList<string> classNames, long? seed)
    {
        bool hasClasses =
            network.Outputs == classNames.Count && (!network.HasClassNames || network.ClassNames.SequenceEqual(classNames));
        if (hasClasses && (network.Architecture is not null || network.Module is HeadedNetwork))
        {
            return new TrainedNetwork(network.Module, classNames, network.Preprocessing)
            {
                Architecture = network.Architecture,
                Notes = network.Notes,
            };
        }

        Backbone backbone = Backbone.Of(network);
        bool keeps = hasClasses && backbone.LastLayer is not null;
        Linear layer = keeps ? CopyOf(backbone.Last!) : New(FeaturesOf(network, backbone), classNames.Count, seed);
        var module = new HeadedNetwork(backbone, layer.to(network.Device));
        module.eval();
        return new TrainedNetwork(module, classNames, network.Preprocessing)
        {
            Notes = keeps ? network.Notes : [.. network.Notes, Told(network, backbone, classNames.Count)],
        };
    }

    private static long FeaturesOf(TrainedNetwork network, Backbone backbone) =>
        backbone.Last?.weight.shape[1]
        ?? (network.Module is HeadedNetwork headed ? headed.Head.weight.shape[1] : network.Outputs);

    private static Linear New(long features, int classes, long? seed)
    {
        NetworkInput.Seed(seed);
        return InitialWeights.Of(() => nn.Linear(features, classes));
    }

    /// <summary>With a bias always, as files of such layers have it.</summary>
    private static Linear CopyOf(Linear last)
    {
        Linear copy = nn.Linear(last.weight.shape[1], last.weight.shape[0]);
        using IDisposable noGradients = no_grad();
        copy.weight.copy_(last.weight);
        if (last.bias is { } bias)
        {
            copy.bias!.copy_(bias);
        }
        else
        {
            copy.bias!.zero_();
        }

        return copy;
    }

    private static string Told(TrainedNetwork network, Backbone backbone, int classes) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"A new last layer of {classes} classes stands {(
                network.Module is HeadedNetwork headed ? $"in place of the one of {headed.Head.weight.shape[0]}"
                : backbone.Last is { } last ? $"in place of {backbone.LastLayer}, which has {last.weight.shape[0]} outputs"
                : $"behind the network's {network.Outputs} outputs"
            )}."
        );
}

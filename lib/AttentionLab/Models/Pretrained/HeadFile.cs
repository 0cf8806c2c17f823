using AttentionLab.Core;
using AttentionLab.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// The file of a new last layer: a safetensors file with that layer, the classes' names, the preprocessing and the backbone. The
/// pretrained ResNet-18 is referred to, an ONNX file included, another known network written with all its weights; of the first
/// two the weights that have changed since stand beside it.
/// </summary>
internal static class HeadFile
{
    /// <summary>What such files call their network.</summary>
    public const string Model = "head";

    /// <summary>The path of the backbone's own last layer, which the new one replaces.</summary>
    private const string LastLayerKey = "backbone_last_layer";

    private const string Ending = ".safetensors";

    /// <summary>Whether a file is one; those of older versions call their network as they call its origin.</summary>
    public static bool IsOne(NetworkMetadata metadata) => metadata.Architecture is Model or PretrainedOrigin.FileName;

    /// <summary>Writes one.</summary>
    /// <param name="network">The layer on its backbone.</param>
    /// <param name="path">Ends in <c>.safetensors</c>.</param>
    /// <param name="text">What the file says besides.</param>
    /// <exception cref="InvalidOperationException">Nothing says where the backbone comes from.</exception>
    /// <exception cref="ArgumentException">The name does not end in <c>.safetensors</c>.</exception>
    /// <exception cref="IOException">The file cannot be written, or the backbone's own file is gone.</exception>
    /// <exception cref="InvalidDataException">The backbone's own file has changed, or keeps its weights in further
    /// files.</exception>
    public static void Save(HeadedNetwork network, string path, Dictionary<string, string> text)
    {
        if (network.Backbone.Origin is not { } origin)
        {
            throw new InvalidOperationException(
                "This layer stands on a module of your own, which its file would not bring back. Keep the weights of both by "
                    + $"{nameof(WeightFile)}.{nameof(WeightFile.Save)}, or take the backbone from a file "
                    + $"({nameof(OnnxNetwork)}.{nameof(OnnxNetwork.Load)}, {nameof(TrainedNetwork)}.{nameof(TrainedNetwork.Load)})."
            );
        }

        if (!path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"{path}: a last layer is saved as {Ending}.", nameof(path));
        }

        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        text["model"] = Model;
        text[LastLayerKey] = network.Backbone.LastLayer ?? "";
        var tensors = new Dictionary<string, Tensor>();
        origin.AddTo(tensors, text);
        foreach ((string name, Tensor weight) in ToKeep(network, origin))
        {
            tensors[name] = weight;
        }

        Safetensors.Save(tensors, path, text);
    }

    /// <summary>Reads one.</summary>
    /// <inheritdoc cref="NetworkFile.Load" path="/param"/>
    /// <exception cref="ArgumentException">There is another number of names than of classes.</exception>
    /// <exception cref="IOException">The backbone cannot be had.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or its parts do not fit together.</exception>
    public static TrainedNetwork Load(
        string path,
        Device? device,
        IReadOnlyList<string>? classNames,
        Preprocessing? preprocessing
    )
    {
        using TensorFile file = TensorFile.Open(path);
        NetworkMetadata metadata = NetworkMetadata.Of(file.Metadata);
        if (
            !file.Tensors.TryGetValue($"{HeadedNetwork.HeadName}.weight", out TensorInfo? info)
            || info.Shape is not [> 0 and var classes, > 0 and var features]
        )
        {
            throw new InvalidDataException($"{path} does not hold a last layer: '{HeadedNetwork.HeadName}.weight' is missing.");
        }

        HeadedNetwork network = Join(file, classes, features);
        try
        {
            WeightReport report = LoadWeights(network, path);
            network.to(device ?? CPU);
            network.eval();
            IReadOnlyList<string>? names = classNames ?? (metadata.ClassNames?.Count == classes ? metadata.ClassNames : null);
            return NetworkProbe.ToTrainedNetwork(
                network,
                preprocessing ?? metadata.Preprocessing ?? Preprocessing.ImageNet,
                names,
                NetworkFile.NotesOf(path, report, metadata)
            );
        }
        catch (InvalidOperationException e)
        {
            network.Dispose();
            throw new InvalidDataException($"{path}: the layer does not fit the network that it stands on. {e.Message}", e);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static HeadedNetwork Join(TensorFile file, long classes, long features)
    {
        BackboneOrigin origin = BackboneOrigin.Read(file);
        string? last = file.Metadata.GetValueOrDefault(LastLayerKey) is { Length: > 0 } named ? named : null;
        nn.Module<Tensor, Tensor> module = origin.Create();
        if (
            last is not null
            && !ModulePaths.Of(module).Any(part => part.Path == last && part.Module is TorchSharp.Modules.Linear)
        )
        {
            module.Dispose();
            throw new InvalidDataException(
                $"{file.Path}: the network that the layer stands on has no linear layer '{Excerpt.Of(last)}'."
            );
        }

        return new HeadedNetwork(new Backbone(module, last, origin), nn.Linear(features, classes));
    }

    private static WeightReport LoadWeights(HeadedNetwork network, string path)
    {
        WeightReport report = WeightFile.Load(network, path, WeightFit.WhatFits);
        bool hasOthers = network.Backbone.Origin!.HasWeights;
        report = report with
        {
            Missing = [.. report.Missing.Where(name => !(hasOthers && HeadedNetwork.IsBackbone(name)))],
            Unexpected = [.. report.Unexpected.Where(name => name != OnnxOrigin.TensorName)],
            Beside = [.. report.Beside.Where(name => name != OnnxOrigin.TensorName)],
        };
        return report.IsWhole
            ? report
            : throw new InvalidDataException($"{path} does not hold the last layer of its network. {report}");
    }

    /// <summary>The new layer, and of the backbone what its origin does not have as it is now.</summary>
    private static Dictionary<string, Tensor> ToKeep(HeadedNetwork network, BackboneOrigin origin)
    {
        Dictionary<string, Tensor> state = network.state_dict();
        if (!origin.HasWeights)
        {
            return state;
        }

        using nn.Module<Tensor, Tensor> original = origin.Create();
        Dictionary<string, Tensor> before = original.state_dict();
        HashSet<string> same =
        [
            .. before
                .Where(weight => (weight.Value == state[HeadedNetwork.NameOf(weight.Key)].cpu()).all().item<bool>())
                .Select(weight => HeadedNetwork.NameOf(weight.Key)),
        ];
        return state.Where(weight => !same.Contains(weight.Key)).ToDictionary();
    }
}

using AttentionLab.Core;
using AttentionLab.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Loads networks that are known by name from their files of weights.</summary>
internal static class NetworkFile
{
    /// <summary>See <see cref="TrainedNetwork.Load(string, string?, Device?, IReadOnlyList{string}?,
    /// Preprocessing?)"/>.</summary>
    public static TrainedNetwork Load(
        string path,
        NetworkArchitecture? named,
        Device? device,
        IReadOnlyList<string>? classNames,
        Preprocessing? preprocessing
    )
    {
        NetworkMetadata metadata;
        NetworkArchitecture architecture;
        int channels,
            outputs;
        nn.Module<Tensor, Tensor> module;
        using (TensorFile file = TensorFile.Open(path))
        {
            metadata = NetworkMetadata.Of(file.Metadata);
            if (HeadFile.IsOne(metadata))
            {
                return named is null
                    ? HeadFile.Load(path, device, classNames, preprocessing)
                    : throw new InvalidDataException(
                        $"{path} holds a last layer and says itself on which network, so {named.Name} need not be named."
                    );
            }

            architecture = named ?? Said(file, metadata);
            outputs = OutputsOf(file, architecture);
            CheckNames(path, outputs, classNames);
            channels = architecture.ChannelsOf(file);
            CheckChannels(path, channels, preprocessing);
            module = architecture.CreateFor(channels, outputs, null);
        }

        OutputKind kind = outputs == 1 ? OutputKind.BinaryLogit : OutputKind.Logits;
        int classes = ModelOutput.ClassesOf(kind, outputs);
        IReadOnlyList<string>? names = classNames ?? (metadata.ClassNames?.Count == classes ? metadata.ClassNames : null);
        try
        {
            WeightReport report = LoadWeights(module, path, architecture);
            module.to(device ?? CPU);
            module.eval();
            return new TrainedNetwork(
                module,
                names ?? TrainedNetwork.NumberedClasses(classes, outputs == 1),
                preprocessing ?? metadata.Preprocessing ?? DefaultOf(architecture, metadata, channels)
            )
            {
                Output = kind,
                HasClassNames = names is not null,
                Architecture = architecture,
                Notes =
                [
                    .. NotesOf(
                        path,
                        report,
                        preprocessing is null ? metadata : metadata with { Preprocessing = preprocessing },
                        architecture,
                        channels
                    ),
                    .. names is null ? (string[])[Unnamed(path, classes, outputs)] : [],
                ],
            };
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    /// <summary>What a reader should know of a file of weights, a sentence each.</summary>
    public static string[] NotesOf(
        string path,
        WeightReport report,
        NetworkMetadata metadata,
        NetworkArchitecture? architecture = null,
        int channels = 3
    ) =>
        [
            .. report.NotFinite.Select(tensor => $"{path}: {tensor} holds NaN or infinity."),
            .. report.Beside.Count > 0
                ? (string[])
                    [
                        $"{path}: {report.Beside.Count} of its tensors do not belong to the network and were passed over, such "
                            + $"as {Excerpt.Of(report.Beside[0])}.",
                    ]
                : [],
            .. metadata.Preprocessing is null && (architecture is null || NetworkArchitecture.All.Contains(architecture))
                ? (string[])
                    [
                        $"{path} does not say how pictures are normalised; "
                            + (channels == 1 ? "grey ones in [0, 1] are taken." : "the tutorial's numbers are taken."),
                    ]
                : [],
        ];

    /// <exception cref="ArgumentException">There is another number of names than of classes.</exception>
    private static void CheckNames(string path, int outputs, IReadOnlyList<string>? classNames)
    {
        int classes = ModelOutput.ClassesOf(outputs == 1 ? OutputKind.BinaryLogit : OutputKind.Logits, outputs);
        if (classNames is not null && classNames.Count != classes)
        {
            throw new ArgumentException(
                $"{path} is of a network with {classes} classes, and {classNames.Count} are named: name all, in the order of its "
                    + "outputs.",
                nameof(classNames)
            );
        }
    }

    private static string Unnamed(string path, int classes, int outputs) =>
        $"{path} does not name its {classes} classes, so they are called "
        + $"{(outputs == 1 ? "negative and positive" : $"class 0 to class {classes - 1}")}. "
        + $"{nameof(TrainedNetwork)}.{nameof(TrainedNetwork.Save)} writes names beside the weights.";

    /// <exception cref="ArgumentException">The preprocessing gives another number of channels.</exception>
    private static void CheckChannels(string path, int channels, Preprocessing? preprocessing)
    {
        if (preprocessing is not null && preprocessing.Channels != channels)
        {
            throw new ArgumentException(
                $"{path} is of a network for pictures of {channels} {(channels == 1 ? "channel" : "channels")}, and the "
                    + $"preprocessing gives {preprocessing.ShapeText}.",
                nameof(preprocessing)
            );
        }
    }

    private static Preprocessing DefaultOf(NetworkArchitecture architecture, NetworkMetadata metadata, int channels)
    {
        Preprocessing own =
            channels == 1 ? architecture.Preprocessing with { Mean = [0], StandardDeviation = [1] } : architecture.Preprocessing;
        return metadata.Size is var (height, width) ? own.At(height, width) : own;
    }

    /// <exception cref="InvalidDataException">The file is of another network.</exception>
    private static int OutputsOf(TensorFile file, NetworkArchitecture architecture)
    {
        bool isOwn = NetworkArchitecture.All.Contains(architecture);
        if (isOwn && NetworkArchitecture.Recognize(file) is (var recognized, var rows))
        {
            return recognized == architecture
                ? rows
                : throw new InvalidDataException(
                    $"{file.Path} has weights of the network {recognized.Name}, not of {architecture.Name}: name that one."
                );
        }

        return (isOwn ? null : architecture.ClassesOf(file))
            ?? throw new InvalidDataException(
                $"{file.Path} has no weights of the network {architecture.Name}: '{architecture.LastWeight}', with "
                    + $"{architecture.LastInputs} columns and a row for each class, is missing."
            );
    }

    /// <summary>All weights; torchvision's files may have classifiers besides that were used in training only.</summary>
    private static WeightReport LoadWeights(nn.Module<Tensor, Tensor> module, string path, NetworkArchitecture architecture)
    {
        if (architecture.Auxiliary.Count == 0)
        {
            return WeightFile.Load(module, path);
        }

        WeightReport report = WeightFile.Load(module, path, WeightFit.WhatFits);
        string[] unexpected = [.. report.Unexpected.Where(name => !architecture.Auxiliary.Any(name.StartsWith))];
        report = report with { Unexpected = unexpected };
        return report.IsWhole
            ? report
            : throw new InvalidDataException($"{path} does not fit the network {architecture.Name}. {report}");
    }

    /// <exception cref="InvalidDataException">The file does not say, or names a network that is not known.</exception>
    private static NetworkArchitecture Said(TensorFile file, NetworkMetadata metadata)
    {
        if (NetworkArchitecture.Find(metadata.Architecture) is { } said)
        {
            return said;
        }

        string says = metadata.Architecture is null
            ? "does not say which network its weights are of"
            : "says that its weights are of a network that is not known here";
        throw new InvalidDataException(
            $"{file.Path} {says}. Name it, as one of {string.Join(", ", NetworkArchitecture.Names)}, or of torchvision's"
                + (
                    NetworkArchitecture.Recognize(file) is { } likely
                        ? $"; its tensors are those of {likely.Architecture.Name}."
                        : "."
                )
        );
    }
}

using System.CommandLine;
using System.CommandLine.Parsing;
using AttentionLab.Data;
using AttentionLab.Host.Exploring;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;

namespace AttentionLab.Host.Commands;

/// <summary>The options that name a network: what it is, its weights, its classes and how photographs become its input.</summary>
internal sealed class NetworkArguments
{
    /// <summary>For the help of every command that takes them.</summary>
    public const string Help = """
        Photographs of any size are brought to the network's by its preprocessing, which its weights name (for an ONNX file
        --preprocessing, else ImageNet's is taken); what is transparent becomes white. Classes are called as the weights or
        --classes say, else class 0, class 1 …
        """;

    private const string OnnxEnding = ".onnx";

    private static readonly string Kinds = string.Join(
        ' ',
        NetworkArchitecture.All.Select(architecture => $"{architecture.Name}: {architecture.Description}.")
    );

    private readonly Option<string?> _model = new("--model")
    {
        HelpName = "name|file.onnx",
        Description =
            $"{Kinds} {string.Join(", ", NetworkArchitecture.TorchVision.Select(each => each.Name))}: torchvision's. "
            + "resnet18 without --weights is the pretrained one. Or an ONNX file, which holds its weights. "
            + "[default: what the weights say]",
    };

    private readonly Option<string?> _weights = new("--weights")
    {
        HelpName = "file",
        Description =
            "The network's weights under PyTorch's names: a safetensors file, or a state dict that torch.save wrote (.pth).",
    };

    private readonly Option<string?> _classes = new("--classes")
    {
        HelpName = "file",
        Description = "The classes' names in the order of the outputs: a line each, or JSON. [default: what the weights say]",
    };

    private readonly Option<string?> _preprocessing = PreprocessingOption();

    /// <summary><c>--preprocessing</c>.</summary>
    public static Option<string?> PreprocessingOption()
    {
        var preprocessing = new Option<string?>("--preprocessing")
        {
            HelpName = "name",
            Description =
                $"How photographs become the network's input: {string.Join(", ", Preprocessing.Names)}; at the network's size. "
                + "[default: what the weights say, else what belongs to the network]",
        };
        preprocessing.AcceptOnlyFromAmong([.. Preprocessing.Names]);
        return preprocessing;
    }

    /// <summary>Adds the options to a command, and checks them together.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_model);
        command.Options.Add(_weights);
        command.Options.Add(_classes);
        command.Options.Add(_preprocessing);
        command.Validators.Add(Check);
    }

    /// <summary>The network.</summary>
    public Task<TrainedNetwork> LoadAsync(ParseResult parsed, Action<string> say, CancellationToken cancellationToken) =>
        LoadAsync(
            parsed.GetValue(_model),
            parsed.GetValue(_weights),
            parsed.GetValue(_classes),
            parsed.GetValue(_preprocessing),
            say,
            cancellationToken
        );

    /// <summary>A network by the words of the options.</summary>
    public static async Task<TrainedNetwork> LoadAsync(
        string? model,
        string? weights,
        string? classes,
        string? preset,
        Action<string> say,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<string>? names = classes is null ? null : ClassNames.Read(classes);
        Preprocessing? preprocessing = preset is null ? null : Preprocessing.Get(preset);
        if (IsPretrained(model, weights))
        {
            return names is null && preprocessing is null
                ? await PretrainedNetworks.ResNet18Async(say, cancellationToken).ConfigureAwait(false)
                : throw new UsageException(
                    "--classes, --preprocessing: the pretrained network brings its own preprocessing, and has no classes."
                );
        }

        return IsOnnx(model)
            ? OnnxNetwork.Load(model!, preprocessing, names)
            : TrainedNetwork.Load(weights!, model, null, names, preprocessing);
    }

    /// <summary>A second network, by its file alone.</summary>
    /// <param name="file">Weights, or an ONNX file.</param>
    /// <param name="model">Which network the weights are of; null for what they say.</param>
    public static TrainedNetwork Load(string file, string? model) =>
        IsOnnx(file) ? OnnxNetwork.Load(file, preprocessing: null, classNames: null) : TrainedNetwork.Load(file, model);

    /// <summary>What the network is called in a document: its architecture's name, or its file.</summary>
    public string NameOf(ParseResult parsed, TrainedNetwork network) =>
        network.Architecture?.Name ?? Path.GetFileName(FileOf(parsed));

    /// <summary>The file of its weights.</summary>
    public string FileOf(ParseResult parsed) =>
        IsPretrained(parsed.GetValue(_model), parsed.GetValue(_weights)) ? $"{parsed.GetValue(_model)} (pretrained)"
        : IsOnnx(parsed.GetValue(_model)) ? Path.GetFullPath(parsed.GetValue(_model)!)
        : Path.GetFullPath(parsed.GetValue(_weights)!);

    /// <summary>The C# expression that loads the network.</summary>
    public string ExpressionOf(ParseResult parsed)
    {
        string? model = parsed.GetValue(_model);
        if (IsPretrained(model, parsed.GetValue(_weights)))
        {
            return $"await {nameof(PretrainedNetworks)}.{nameof(PretrainedNetworks.ResNet18Async)}()";
        }

        string? names = parsed.GetValue(_classes) is { } file
            ? $"{nameof(ClassNames)}.{nameof(ClassNames.Read)}({CSharpLiteral.Of(Path.GetFullPath(file))})"
            : null;
        string? preprocessing = parsed.GetValue(_preprocessing) is { } preset
            ? $"{nameof(Preprocessing)}.{nameof(Preprocessing.Get)}(\"{preset}\")"
            : null;
        return ExpressionOf(FileOf(parsed), model, names, preprocessing);
    }

    /// <summary>The C# expression that loads a network, by its file and the expressions of its classes and
    /// preprocessing.</summary>
    public static string ExpressionOf(string file, string? model, string? names = null, string? preprocessing = null)
    {
        string path = CSharpLiteral.Of(Path.GetFullPath(file));
        string more = names is null ? "" : $", classNames: {names}";
        return IsOnnx(file)
            ? $"{nameof(OnnxNetwork)}.{nameof(OnnxNetwork.Load)}({path}, preprocessing: {preprocessing ?? "null"}{more})"
            : $"{nameof(TrainedNetwork)}.{nameof(TrainedNetwork.Load)}({path}{(model is null ? "" : $", \"{model}\"")}{more}"
                + $"{(preprocessing is null ? "" : $", preprocessing: {preprocessing}")})";
    }

    private void Check(CommandResult result) => Check(result, result.GetValue(_model), result.GetValue(_weights));

    /// <summary>Adds an error where the words name no network.</summary>
    public static void Check(CommandResult result, string? model, string? weights)
    {
        if (IsOnnx(model))
        {
            if (weights is not null)
            {
                result.AddError("--weights: an ONNX file holds its weights; name one or the other.");
            }

            return;
        }

        if (model is not null && NetworkArchitecture.Find(model) is null)
        {
            result.AddError(
                $"--model: \"{TypedText.Short(model)}\" is not a known network. Known are "
                    + $"{string.Join(", ", NetworkArchitecture.Names)}, torchvision's "
                    + $"{string.Join(", ", NetworkArchitecture.TorchVision.Select(each => each.Name))}, and files that end in "
                    + $"{OnnxEnding}."
            );
        }
        else if (weights is null && !IsPretrained(model, weights))
        {
            result.AddError("--weights: name the file of the network's weights, or an ONNX file by --model.");
        }
        else if (weights is not null && IsOnnx(weights))
        {
            result.AddError($"--weights: {TypedText.Short(weights)} is a network and its weights: name it by --model.");
        }
    }

    /// <summary>Whether the words name a network that NuGet brings.</summary>
    public static bool IsPretrained(string? model, string? weights) =>
        weights is null && PretrainedNetworks.Names.Contains(model);

    /// <summary>Whether a model's name is that of an ONNX file.</summary>
    public static bool IsOnnx(string? model) => model?.EndsWith(OnnxEnding, StringComparison.OrdinalIgnoreCase) == true;
}

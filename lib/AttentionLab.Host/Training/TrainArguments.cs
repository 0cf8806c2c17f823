using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using AttentionLab.Host.Commands;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Host.Training;

/// <summary>The options of the command <c>train</c>, and the <see cref="TrainingOptions"/> that they make.</summary>
internal sealed class TrainArguments
{
    private const string DefaultOut = "artifacts/training";

    private static readonly FineTuning Tuning = new();

    private static readonly Dictionary<string, TrainingOptions> Presets = new()
    {
        ["tutorial"] = TrainingOptions.Tutorial,
        ["fast"] = TrainingOptions.Fast,
        ["fast-resnet"] = TrainingOptions.FastResNet,
    };

    private readonly Option<string> _preset = new("--preset")
    {
        Description =
            "tutorial: 50 epochs of Adam, halved on a plateau, strong augmentation. fast: 8 epochs of AdamW with one cycle of the "
            + "learning rate, label smoothing, small shifts and flips, tested with both sides. fast-resnet: 10 epochs of Muon with "
            + "batches of 2,000, for the network of that name.",
        DefaultValueFactory = _ => "tutorial",
    };

    private readonly Option<int?> _epochs = new("--epochs")
    {
        HelpName = "number",
        Description = $"Passes over the training pictures. {FromPreset}",
    };

    /// <summary><c>--seed</c>.</summary>
    public Option<long> Seed { get; } =
        new("--seed")
        {
            HelpName = "number",
            Description = "Determines initial weights, order, augmentation, validation part and dropout.",
            DefaultValueFactory = _ => TrainingOptions.Tutorial.Seed,
        };

    private readonly Option<int?> _batchSize = new("--batch-size")
    {
        HelpName = "number",
        Description = $"Pictures in a step. {FromPreset}",
    };

    private readonly Option<double?> _learningRate = Fraction(
        "--learning-rate",
        "The highest learning rate of the preset's schedule. [default: the preset's; "
            + $"{Tuning.LearningRate.ToString(CultureInfo.InvariantCulture)} for a network for photographs that learned before]"
    );

    private readonly Option<double?> _validation = Fraction(
        "--validation-fraction",
        "The part of the training pictures to validate with, instead of with the test pictures. [default: 0]"
    );

    private readonly Option<int?> _stopAfter = new("--stop-after")
    {
        HelpName = "epochs",
        Description = "Ends the run when the accuracy has not improved for so many epochs.",
    };

    private readonly Option<bool> _restoreBest = new("--restore-best")
    {
        Description = "Writes the best epoch's weights into weights.safetensors instead of the last one's.",
    };

    private readonly Option<bool> _mixed = new("--mixed-precision")
    {
        Description =
            "Computes in bfloat16 where it can: about one and a half times as fast on a processor with AVX512-BF16. Elsewhere the "
            + "command says so and computes in float32.",
    };

    private const string FromPreset = "[default: the preset's]";

    /// <summary><c>--model</c>.</summary>
    public Option<string?> Model { get; } =
        new("--model")
        {
            HelpName = "name|file.onnx",
            Description = string.Join(
                ' ',
                NetworkArchitecture
                    .All.Select(architecture => $"{architecture.Name}: {architecture.Description}.")
                    .Append(
                        "Also resnet18, the pretrained one unless --from-scratch is said; an ONNX file; with --weights one of "
                            + "torchvision's by name, or none where the weights say what they are of; without, one of "
                            + "torchvision's from scratch."
                    )
            ),
        };

    /// <summary><c>--weights</c>.</summary>
    public Option<string?> Weights { get; } =
        new("--weights") { HelpName = "file", Description = "Goes on training from these weights instead of from random ones." };

    /// <summary><c>--from-scratch</c>.</summary>
    public Option<bool> FromScratch { get; } =
        new("--from-scratch")
        {
            Description =
                "Begins with random weights, as every --model by name without --weights does except the pretrained "
                + $"{string.Join(", ", PretrainedNetworks.Names)}: that one is torchvision's network then.",
        };

    /// <summary><c>--data</c>.</summary>
    public Option<string> Data { get; } =
        new("--data")
        {
            Required = true,
            HelpName = "folder",
            Description = DataOption.Help,
        };

    /// <summary><c>--freeze</c>.</summary>
    public Option<bool> Freeze { get; } =
        new("--freeze")
        {
            Description =
                "Learns a new last layer only, on the features of --model resnet18 (the pretrained one), of an ONNX file or of any "
                + "network with --weights, from few photographs of any size: --data is a folder with a subfolder for each class. It "
                + "is judged by cross-validation; --out gets weights.safetensors, confusion.png and index.html.",
        };

    /// <summary><c>--fine-tune</c>.</summary>
    public Option<string[]> FineTune { get; } =
        new("--fine-tune")
        {
            HelpName = "layers",
            Arity = ArgumentArity.ZeroOrMore,
            AllowMultipleArgumentsPerToken = true,
            Description =
                "As --freeze, and the network's last stage, or the layers named, learn with the new one: --epochs times "
                + $"[default: {Tuning.Epochs}], with --batch-size [default: {Tuning.BatchSize}] and --learning-rate "
                + $"[default: {Tuning.LearningRate.ToString(CultureInfo.InvariantCulture)}].",
        };

    /// <summary><c>--grey</c>.</summary>
    public Option<bool> Grey { get; } =
        new("--grey")
        {
            Description =
                "Reads the pictures as one channel, as MNIST's are, for a new network of one channel: --model "
                + $"{string.Join(", ", NetworkArchitecture.Names)}. A network from outside says itself how many it takes.",
        };

    /// <summary><c>--preprocessing</c>.</summary>
    public Option<string?> Preprocessing { get; } = NetworkArguments.PreprocessingOption();

    /// <summary><c>--limit</c>.</summary>
    public Option<int?> Limit { get; } =
        Positive(
            "--limit",
            "pictures",
            "Uses only the first training pictures, and a fifth as many test pictures: for a quick try."
        );

    /// <summary><c>--threads</c>.</summary>
    public Option<int?> Threads { get; } =
        AtMostCores(Positive("--threads", "number", "Processor threads for torch. [default: all cores]"));

    /// <summary><c>--out</c>.</summary>
    public Option<string> Out { get; } =
        new("--out")
        {
            HelpName = "folder",
            Description = "Gets checkpoint, weights and page.",
            DefaultValueFactory = _ => DefaultOut,
        };

    /// <summary><c>--resume</c>.</summary>
    public Option<bool> Resume { get; } =
        new("--resume") { Description = "Resumes the run in the folder; begins it when there is none." };

    /// <summary><c>--tensorboard</c>.</summary>
    public Option<string?> TensorBoard { get; } =
        new("--tensorboard") { HelpName = "folder", Description = "Gets an event file for TensorBoard as well." };

    /// <summary><c>--json</c>.</summary>
    public Option<bool> Json { get; } =
        new("--json") { Description = "Writes the results to the output as one JSON document, and nothing else." };

    /// <summary><c>--mixed-precision</c>, for messages.</summary>
    public string MixedPrecisionName => _mixed.Name;

    /// <summary>Adds all options to a command, in the order of its help.</summary>
    public void AddTo(Command command)
    {
        _preset.AcceptOnlyFromAmong([.. Presets.Keys]);
        Option[] all =
        [
            Model,
            Weights,
            FromScratch,
            Data,
            Freeze,
            FineTune,
            Preprocessing,
            Grey,
            _preset,
            _epochs,
            Seed,
            _batchSize,
            _learningRate,
            _validation,
            _stopAfter,
            _restoreBest,
            _mixed,
            Limit,
            Threads,
            Out,
            Resume,
            TensorBoard,
            Json,
        ];
        foreach (Option option in all)
        {
            command.Options.Add(option);
        }

        command.Validators.Add(Check);
    }

    /// <summary>Whether a new last layer is asked for, not a whole network.</summary>
    public bool LearnsHead(ParseResult parsed) => parsed.GetValue(Freeze) || parsed.GetResult(FineTune) is not null;

    /// <summary>Whether a network begins with random weights: one by name that nobody pretrained, or for which that is
    /// said.</summary>
    public bool IsNew(ParseResult parsed) =>
        IsNew(parsed.GetValue(Model), parsed.GetValue(Weights), parsed.GetValue(FromScratch));

    private static bool IsNew(string? model, string? weights, bool fromScratch) =>
        weights is null
        && NetworkArchitecture.Find(model) is not null
        && (fromScratch || !NetworkArguments.IsPretrained(model, weights));

    /// <summary>How the new last layer learns.</summary>
    public LinearHeadOptions ToHeadOptions(ParseResult parsed) =>
        new()
        {
            Seed = parsed.GetValue(Seed),
            FineTuning = parsed.GetResult(FineTune) is null
                ? null
                : new FineTuning
                {
                    Layers = parsed.GetValue(FineTune) ?? [],
                    Epochs = parsed.GetValue(_epochs) ?? Tuning.Epochs,
                    BatchSize = parsed.GetValue(_batchSize) ?? Tuning.BatchSize,
                    LearningRate = parsed.GetValue(_learningRate) ?? Tuning.LearningRate,
                },
        };

    /// <summary>The preset with what was asked for instead.</summary>
    public TrainingOptions ToTrainingOptions(ParseResult parsed, string checkpoint)
    {
        TrainingOptions preset = Presets[parsed.GetValue(_preset)!];
        return preset with
        {
            Epochs = parsed.GetValue(_epochs) ?? preset.Epochs,
            BatchSize = parsed.GetValue(_batchSize) ?? preset.BatchSize,
            LearningRate =
                parsed.GetValue(_learningRate)
                ?? (GoesOn(parsed) && preset.Optimizer is Adam ? Tuning.LearningRate : preset.LearningRate),
            ValidationFraction = parsed.GetValue(_validation) ?? preset.ValidationFraction,
            Seed = parsed.GetValue(Seed),
            StopAfter = parsed.GetValue(_stopAfter),
            RestoreBest = parsed.GetValue(_restoreBest),
            MixedPrecision = parsed.GetValue(_mixed),
            CheckpointFile = checkpoint,
        };
    }

    /// <summary>Whether a network for photographs learns on from what it learned before.</summary>
    private bool GoesOn(ParseResult parsed) => !IsNew(parsed) && !NetworkArchitecture.Names.Contains(parsed.GetValue(Model));

    private void Check(CommandResult result)
    {
        string? model = result.GetValue(Model),
            weights = result.GetValue(Weights);
        bool tunes = result.GetResult(FineTune) is not null,
            fromScratch = result.GetValue(FromScratch),
            isNew = IsNew(model, weights, fromScratch);
        if (result.GetValue(Freeze) && tunes)
        {
            result.AddError("--freeze, --fine-tune: the network stays as it is, or its last layers learn; choose one.");
        }
        else if (fromScratch && (result.GetValue(Freeze) || tunes || weights is not null || NetworkArguments.IsOnnx(model)))
        {
            result.AddError(
                "--from-scratch: all weights begin at random; --weights, an ONNX file, --freeze and --fine-tune go on from what a "
                    + "network learned before."
            );
        }
        else if (result.GetValue(Freeze) || tunes)
        {
            NetworkArguments.Check(result, model, weights);
        }
        else if (model is null && weights is null)
        {
            result.AddError($"--model: name the network to train, one of {string.Join(", ", NetworkArchitecture.Names)}.");
        }
        else if (result.GetValue(Preprocessing) is not null && (NetworkArchitecture.Names.Contains(model) || isNew))
        {
            result.AddError(
                $"--preprocessing: {TypedText.Short(model!)} brings its own; name one for an ONNX file or for weights."
            );
        }
        else if (result.GetValue(Grey) && !(isNew && NetworkArchitecture.Names.Contains(model)))
        {
            result.AddError(
                $"--grey: only {string.Join(", ", NetworkArchitecture.Names)} can be made for one channel, and only new; a network "
                    + "that learned before brings its number of channels."
            );
        }
        else if (!isNew)
        {
            NetworkArguments.Check(result, model, weights);
        }
    }

    /// <summary>A number that may have a fraction, with a point and no separators between thousands: 0,01 is not 1.</summary>
    private static Option<double?> Fraction(string name, string description) =>
        new(name)
        {
            HelpName = "number",
            Description = description,
            CustomParser = result =>
            {
                string text = result.Tokens is [var token] ? token.Value : "";
                if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
                {
                    result.AddError($"{name}: \"{TypedText.Short(text)}\" is not a number. Write it with a point, as in 0.01.");
                }

                return value;
            },
        };

    private static Option<int?> Positive(string name, string helpName, string description)
    {
        var option = new Option<int?>(name) { HelpName = helpName, Description = description };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is <= 0)
            {
                result.AddError($"{name} is a positive number.");
            }
        });
        return option;
    }

    /// <summary>torch starts as many threads as it is asked for, and ends the process where they cannot be had.</summary>
    private static Option<int?> AtMostCores(Option<int?> threads)
    {
        threads.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() > Environment.ProcessorCount)
            {
                result.AddError($"{threads.Name}: this machine has {Environment.ProcessorCount} cores; name at most as many.");
            }
        });
        return threads;
    }
}

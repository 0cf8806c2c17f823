using System.CommandLine;
using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Host.Inputs;
using AttentionLab.Host.Training;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;
using AttentionLab.Reports;
using AttentionLab.Training;
using static TorchSharp.torch;

namespace AttentionLab.Host.Commands;

/// <summary>The command <c>train</c>: trains a network, keeps it after every epoch, and writes its weights and a page.</summary>
internal static class TrainCommand
{
    public const string Name = "train";

    public const string Examples = """
        Examples:
          {program} train --model plain --data shapes --epochs 6
              the tutorial's network on the built-in set, which needs no file; artifacts/training/index.html shows how it went
          {program} train --model se --data data --seed 1 --validation-fraction 0.1 --out runs/se-1
              the network with squeeze-and-excitation on CIFAR-10 for 50 epochs, judged by pictures that it does not train on
          {program} train --model se --data data --seed 1 --validation-fraction 0.1 --out runs/se-1 --resume
              goes on after the last whole epoch, and ends as if nothing had happened
          {program} train --model plain --data shapes --limit 1000 --epochs 2 --json
              a quick try; one JSON document for a script

        The folder gets weights.safetensors (after the last epoch), best.safetensors (after the best one), index.html, and checkpoint.safetensors
        after every epoch. Ctrl+C stops at the next batch; the same command with --resume goes on after the last whole epoch.

        Exit codes: 0 done, 1 training or a file failed, 2 wrong usage, 130 stopped by Ctrl+C.

        """;

    private const string DefaultOut = "artifacts/training";

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var standard = new TrainingOptions();
        Option<string> model = NetworkOptions.ModelToTrain();
        var data = new Option<string>("--data")
        {
            Required = true,
            HelpName = "folder",
            Description = DataChoice.Help,
        };
        Option<int> epochs = Number("--epochs", "Passes over the training pictures.", standard.Epochs);
        Option<long> seed = Number(
            "--seed",
            "Decides initial weights, order, augmentation, validation part and dropout.",
            standard.Seed
        );
        Option<int> batchSize = Number("--batch-size", "Pictures in a step.", standard.BatchSize);
        Option<double> learningRate = Fraction(
            "--learning-rate",
            "Adam's, at the start; it is halved when the loss stays where it is.",
            standard.LearningRate
        );
        Option<double> validation = Fraction(
            "--validation-fraction",
            "The part of the training pictures to judge by, instead of by the test pictures.",
            standard.ValidationFraction
        );
        var mixed = new Option<bool>("--mixed-precision")
        {
            Description =
                "Computes in bfloat16 where it may: about half as long again as fast on a processor with AVX512-BF16. "
                + "Elsewhere it is told and left.",
        };
        var limit = new Option<int?>("--limit")
        {
            HelpName = "pictures",
            Description = "Takes only the first training pictures, and a fifth as many test pictures: for a quick try.",
        };
        var threads = new Option<int?>("--threads")
        {
            HelpName = "number",
            Description = "Processor threads for torch. [default: all cores]",
        };
        var output = new Option<string>("--out")
        {
            HelpName = "folder",
            Description = "Gets checkpoint, weights and page.",
            DefaultValueFactory = _ => DefaultOut,
        };
        var resume = new Option<bool>("--resume")
        {
            Description = "Goes on with the run in the folder; begins it when there is none.",
        };
        var tensorBoard = new Option<string?>("--tensorboard")
        {
            HelpName = "folder",
            Description = "Gets an event file for TensorBoard as well.",
        };
        var json = new Option<bool>("--json")
        {
            Description = "Puts the results on the output as one JSON document, and nothing else.",
        };
        foreach (Option<int?> positive in (Option<int?>[])[limit, threads])
        {
            positive.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int?>() is <= 0)
                {
                    result.AddError($"{positive.Name} is a positive number.");
                }
            });
        }

        threads.Validators.Add(result =>
        {
            // torch starts as many as it is asked for, and where they cannot be had ends the process.
            if (result.GetValueOrDefault<int?>() > Environment.ProcessorCount)
            {
                result.AddError($"{threads.Name}: this machine has {Environment.ProcessorCount} cores; name at most as many.");
            }
        });

        var command = new Command(Name, "Trains a network.")
        {
            model,
            data,
            epochs,
            seed,
            batchSize,
            learningRate,
            validation,
            mixed,
            limit,
            threads,
            output,
            resume,
            tensorBoard,
            json,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                CommandLine.ReportErrorsAsync(
                    parsed,
                    async streams =>
                    {
                        bool asJson = parsed.GetValue(json);
                        string folderPath = OutputPath.Folder(output, parsed.GetValue(output)!);
                        var folder = new TrainingFolder(folderPath);
                        if (!parsed.GetValue(resume))
                        {
                            folder.CheckFree();
                        }

                        var options = new TrainingOptions
                        {
                            Epochs = parsed.GetValue(epochs),
                            BatchSize = parsed.GetValue(batchSize),
                            LearningRate = parsed.GetValue(learningRate),
                            ValidationFraction = parsed.GetValue(validation),
                            Seed = parsed.GetValue(seed),
                            MixedPrecision = parsed.GetValue(mixed),
                            CheckpointFile = folder.Checkpoint,
                        };
                        var trainer = new Trainer(options); // checks the options before anything is read
                        if (options.MixedPrecision && !trainer.UsesMixedPrecision)
                        {
                            await streams
                                .Error.WriteLineAsync(
                                    $"{mixed.Name}: "
                                        + $"{(trainer.Device.type == TorchSharp.DeviceType.CPU ? "this processor has no AVX512-BF16" : "a graphics card does without it here")}; "
                                        + "the run is in float32."
                                )
                                .ConfigureAwait(false);
                        }

                        NetworkArchitecture kind = NetworkArchitecture.Get(parsed.GetValue(model)!);
                        var notes = new List<string>();
                        DataSet set = Limited(DataChoice.Load(parsed.GetValue(data)!, notes.Add), parsed.GetValue(limit));
                        if (parsed.GetValue(limit) is not null)
                        {
                            notes.Add(
                                $"{limit.Name}: the first {set.Train.Count} training and {set.Test.Count} test pictures of "
                                    + "these are used."
                            );
                        }

                        foreach (string note in asJson ? [] : notes)
                        {
                            await streams.Output.WriteLineAsync(note).ConfigureAwait(false);
                        }

                        if (set.ClassNames.Count < 2)
                        {
                            throw new UsageException(
                                $"--data: {set.Name} has one class, {set.ClassNames[0]}; there is nothing to tell apart."
                            );
                        }

                        using OutputFolder held = OutputFolder.Take(folderPath);
                        TensorBoardLog? log = parsed.GetValue(tensorBoard) is { } logs
                            ? new TensorBoardLog(OutputPath.Folder(tensorBoard, logs))
                            : null;
                        using nn.Module<Tensor, Tensor> network = kind.Create(set.ClassNames.Count, options.Seed);

                        TrainingHistory history = await TrainProgress
                            .ShowAsync(
                                asJson ? streams.Error : streams.Output,
                                onlyLive: asJson,
                                show =>
                                {
                                    if (parsed.GetValue(threads) is { } count)
                                    {
                                        set_num_threads(count);
                                    }

                                    return trainer.Fit(
                                        network,
                                        set,
                                        progress =>
                                        {
                                            log?.Record(progress);
                                            if (progress.Finished is { } epoch && epoch == progress.History.Best)
                                            {
                                                TrainingFolder.SaveWeights(
                                                    folder.BestWeights,
                                                    network,
                                                    kind,
                                                    set,
                                                    options.Seed,
                                                    epoch
                                                );
                                            }

                                            show(progress);
                                        },
                                        cancellationToken
                                    );
                                }
                            )
                            .ConfigureAwait(false);

                        foreach (string note in asJson ? [] : history.Notes)
                        {
                            await streams.Output.WriteLineAsync(note).ConfigureAwait(false);
                        }

                        notes.AddRange(history.Notes);
                        if (history.Epochs.Count > 0)
                        {
                            if (!history.Cancelled)
                            {
                                TrainingFolder.SaveWeights(folder.Weights, network, kind, set, options.Seed, history.Last);
                            }

                            new TrainingPage(history) { Facts = Facts(kind, network, set, options, trainer, history) }.Save(
                                folder.Page
                            );
                        }

                        await (
                            asJson
                                ? JsonOutput.WriteAsync(
                                    streams.Output,
                                    Document(kind, set, options, trainer, folder, history, notes)
                                )
                                : SayAsync(streams.Output, folder, history)
                        ).ConfigureAwait(false);
                        if (history.Cancelled)
                        {
                            string arguments = string.Join(
                                ' ',
                                parsed
                                    .Tokens.Select(token =>
                                        token.Value.Contains(' ', StringComparison.Ordinal) ? $"\"{token.Value}\"" : token.Value
                                    )
                                    .Where(word => word != resume.Name)
                                    .Append(resume.Name)
                            );
                            await streams
                                .Error.WriteLineAsync(
                                    $"Stopped with {history.Epochs.Count} of {options.Epochs} epochs done. This goes on with "
                                        + $"the next one:\n  {arguments}"
                                )
                                .ConfigureAwait(false);
                            return ExitCode.Stopped;
                        }

                        return 0;
                    }
                )
        );
        return command;
    }

    private static Option<T> Number<T>(string name, string description, T standard) =>
        new(name)
        {
            HelpName = "number",
            Description = description,
            DefaultValueFactory = _ => standard,
        };

    /// <summary>A number that may have a fraction, with a point and no separators between thousands: 0,01 is not 1.</summary>
    private static Option<double> Fraction(string name, string description, double standard)
    {
        Option<double> option = Number(name, description, standard);
        option.CustomParser = result =>
        {
            string text = result.Tokens is [var token] ? token.Value : "";
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
            {
                result.AddError($"{name}: \"{TypedText.Short(text)}\" is no number. Write it with a point, as in 0.01.");
            }

            return value;
        };
        return option;
    }

    private static DataSet Limited(DataSet set, int? limit)
    {
        return limit is not { } count
            ? set
            : set with
            {
                Train = First(set.Train, count),
                Validation = set.Validation is { } held ? First(held, Math.Max(1, count / 5)) : null,
                Test = First(set.Test, Math.Max(1, count / 5)),
            };

        static LabeledImages First(LabeledImages images, int count) =>
            images.Select(images.Name, [.. Enumerable.Range(0, Math.Min(count, images.Count))]);
    }

    private static string[] Facts(
        NetworkArchitecture kind,
        nn.Module<Tensor, Tensor> network,
        DataSet set,
        TrainingOptions options,
        Trainer trainer,
        TrainingHistory history
    )
    {
        long parameters = network.parameters().Sum(parameter => parameter.numel());
        TimeSpan time = TimeSpan.FromTicks(history.Epochs.Sum(epoch => epoch.Duration.Ticks));
        return
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"{network.GetName()} (--model {kind.Name}), {parameters:#,0} parameters"
            ),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{set.Name}: {set.Train.Count:#,0} training and {set.Test.Count:#,0} test pictures, {set.ClassNames.Count} "
                    + $"classes"
            ),
            string.Create(
                CultureInfo.InvariantCulture,
                $"Seed {options.Seed}, batches of {options.BatchSize}, learning rate {options.LearningRate}, validation part "
                    + $"{options.ValidationFraction}"
            ),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{time.TotalMinutes:0.0} minutes on {history.Device} in "
                    + $"{(trainer.UsesMixedPrecision ? "mixed precision" : "float32")}, TorchSharp "
                    + $"{typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(3)}"
            ),
        ];
    }

    private static object Document(
        NetworkArchitecture kind,
        DataSet set,
        TrainingOptions options,
        Trainer trainer,
        TrainingFolder folder,
        TrainingHistory history,
        IReadOnlyList<string> notes
    ) =>
        new
        {
            Model = kind.Name,
            Data = set.Name,
            Notes = notes,
            Classes = set.ClassNames,
            TrainingPictures = set.Train.Count,
            ValidationPictures = set.Validation?.Count,
            TestPictures = set.Test.Count,
            options.Seed,
            options.BatchSize,
            options.LearningRate,
            options.ValidationFraction,
            MixedPrecision = trainer.UsesMixedPrecision,
            history.Device,
            Finished = !history.Cancelled,
            TestAccuracy = history.Epochs.Count > 0 ? history.Last.TestAccuracy : (double?)null,
            BestEpoch = history.Epochs.Count > 0 ? history.Best.Epoch : (int?)null,
            Epochs = history.Epochs.Select(epoch => new
            {
                epoch.Epoch,
                epoch.TrainLoss,
                epoch.TrainAccuracy,
                epoch.ValidationLoss,
                epoch.ValidationAccuracy,
                epoch.TestLoss,
                epoch.TestAccuracy,
                epoch.LearningRate,
                Seconds = epoch.Duration.TotalSeconds,
                epoch.ImagesPerSecond,
            }),
            Files = new
            {
                Weights = Existing(folder.Weights),
                Best = Existing(folder.BestWeights),
                Checkpoint = Existing(folder.Checkpoint),
                Page = Existing(folder.Page),
            },
        };

    private static async Task SayAsync(TextWriter output, TrainingFolder folder, TrainingHistory history)
    {
        if (history.Epochs.Count > 0)
        {
            EpochRecord last = history.Last,
                best = history.Best;
            await output
                .WriteLineAsync(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Test accuracy {100 * last.TestAccuracy:0.00} % after epoch {last.Epoch}, "
                            + $"{100 * best.TestAccuracy:0.00} % after the best one, {best.Epoch}."
                    )
                )
                .ConfigureAwait(false);
        }

        foreach (
            (string what, string file) in ((string, string)[])
                [
                    ("Weights", folder.Weights),
                    ("Best", folder.BestWeights),
                    ("Checkpoint", folder.Checkpoint),
                    ("Page", folder.Page),
                ]
        )
        {
            if (Existing(file) is not null)
            {
                await output.WriteLineAsync($"{what}: {file}").ConfigureAwait(false);
            }
        }
    }

    private static string? Existing(string file) => File.Exists(file) ? file : null;
}

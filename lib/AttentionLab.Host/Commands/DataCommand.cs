using System.CommandLine;
using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Host.Inputs;
using AttentionLab.Imaging;
using AttentionLab.Kernel.Commands;

namespace AttentionLab.Host.Commands;

/// <summary>The command <c>data</c>: downloads CIFAR-10, checks a picture set, writes its pictures as PNG files.</summary>
internal static class DataCommand
{
    public const string Name = "data";

    public const string Examples = """
        Examples:
          {program} data download --data data
              CIFAR-10 into the folder data: 162 MiB to fetch; a download that was interrupted goes on where it was
          {program} data verify --data data
              whether all files are there and whole, and what is wrong with them
          {program} data export --data data --split test --indices 0-99 --out pictures
              pictures/cat/00000.png …: a folder for each class
          {program} data export --data shapes --indices 0-9 --out shapes-png --masks shapes-masks
              from the built-in set, with the mask of each picture's object

        Exit codes: 0 done, 1 a file is missing or wrong, 2 wrong usage, 130 stopped by Ctrl+C.

        """;

    /// <summary>The command with its subcommands.</summary>
    public static Command Create() => new(Name, "Downloads, checks and exports picture sets.") { Download(), Verify(), Export() };

    private static Option<bool> Json =>
        new("--json") { Description = "Puts the results on the output as one JSON document, and nothing else." };

    private static Command Download()
    {
        var data = new Option<string>("--data")
        {
            Required = true,
            HelpName = "folder",
            Description = "Where the folder cifar-10-batches-bin shall be; made when absent.",
        };
        Option<bool> json = Json;
        var command = new Command("download", "Downloads CIFAR-10, checks and unpacks it; does nothing when it is there.")
        {
            data,
            json,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                CommandLine.ReportErrorsAsync(
                    parsed,
                    async streams =>
                    {
                        string root = OutputPath.Folder(data, parsed.GetValue(data)!);
                        bool asJson = parsed.GetValue(json),
                            present = Cifar10.IsPresent(root);
                        if (present)
                        {
                            // Tidies up behind a process that was killed at its very end.
                            await Cifar10.DownloadAsync(root, null, cancellationToken).ConfigureAwait(false);
                        }
                        else
                        {
                            await DownloadBar
                                .ShowAsync(
                                    asJson ? streams.Error : streams.Output,
                                    onlyLive: asJson,
                                    bar => Cifar10.DownloadAsync(root, bar, cancellationToken)
                                )
                                .ConfigureAwait(false);
                        }

                        await (
                            asJson
                                ? JsonOutput.WriteAsync(streams.Output, new { Folder = root, Downloaded = !present })
                                : streams.Output.WriteLineAsync(
                                    present ? $"CIFAR-10 is in {root} already." : $"CIFAR-10 is in {root}."
                                )
                        ).ConfigureAwait(false);
                        return 0;
                    }
                )
        );
        return command;
    }

    private static Command Verify()
    {
        var data = new Option<string>("--data")
        {
            Required = true,
            HelpName = "folder",
            Description = DataOption.Help,
        };
        Option<bool> json = Json;
        var command = new Command(
            "verify",
            "Reads a picture set whole, and says how many pictures of each class it has or what is wrong."
        )
        {
            data,
            json,
        };
        command.SetAction(
            (parsed, _) =>
                CommandLine.ReportErrorsAsync(
                    parsed,
                    async streams =>
                    {
                        var notes = new List<string>();
                        DataSet set = DataSets.Load(parsed.GetValue(data)!, notes.Add);
                        await SayAsync(streams.Output, parsed.GetValue(json) ? [] : notes).ConfigureAwait(false);
                        LabeledImages[] splits = [.. new[] { set.Train, set.Validation, set.Test }.OfType<LabeledImages>()];
                        if (parsed.GetValue(json))
                        {
                            object Counts(LabeledImages images) =>
                                new
                                {
                                    Pictures = images.Count,
                                    images.Height,
                                    images.Width,
                                    Classes = images.ClassNames.Select(
                                        (name, label) => new { Class = name, Pictures = images.IndicesOf(label).Length }
                                    ),
                                };
                            await JsonOutput
                                .WriteAsync(
                                    streams.Output,
                                    new
                                    {
                                        Data = set.Name,
                                        Notes = notes,
                                        Train = Counts(set.Train),
                                        Validation = set.Validation is { } held ? Counts(held) : null,
                                        Test = Counts(set.Test),
                                    }
                                )
                                .ConfigureAwait(false);
                        }
                        else
                        {
                            foreach (LabeledImages images in splits)
                            {
                                IEnumerable<string> classes = images.ClassNames.Select(
                                    (name, label) =>
                                        string.Create(
                                            CultureInfo.InvariantCulture,
                                            $"{name} {images.IndicesOf(label).Length:#,0}"
                                        )
                                );
                                await streams
                                    .Output.WriteLineAsync(
                                        string.Create(
                                            CultureInfo.InvariantCulture,
                                            $"{images.Name}: {images.Count:#,0} pictures of {images.Height}×{images.Width} "
                                                + $"pixels: {string.Join(", ", classes)}."
                                        )
                                    )
                                    .ConfigureAwait(false);
                            }
                        }

                        // Files of the right size with possible labels can still be another set's.
                        string[] uneven =
                        [
                            .. set.Name == "CIFAR-10"
                                ? splits
                                    .SelectMany(images =>
                                        images.ClassNames.Select(
                                            (name, label) => (images, name, Count: images.IndicesOf(label).Length)
                                        )
                                    )
                                    .Where(each => each.Count != each.images.Count / each.images.ClassNames.Count)
                                    .Select(each => $"{each.images.Name} has {each.Count} of {each.name}")
                                : [],
                        ];
                        if (uneven.Length > 0)
                        {
                            await streams
                                .Error.WriteLineAsync(
                                    "These are not the published files, which have as many pictures of each class: "
                                        + $"{string.Join(", ", uneven)}."
                                )
                                .ConfigureAwait(false);
                            return ExitCode.Failed;
                        }

                        return 0;
                    }
                )
        );
        return command;
    }

    private static Command Export()
    {
        var data = new Option<string>("--data")
        {
            Required = true,
            HelpName = "folder",
            Description = DataOption.Help,
        };
        var split = new Option<string>("--split") { Description = "Which pictures.", DefaultValueFactory = _ => "test" };
        split.AcceptOnlyFromAmong("test", "train");
        var indices = new Option<string[]>("--indices")
        {
            HelpName = "numbers",
            AllowMultipleArgumentsPerToken = true,
            Description = "Which of them: 0-7, or 0,3,5-9. [default: all]",
        };
        var output = new Option<string>("--out")
        {
            Required = true,
            HelpName = "folder",
            Description = "Gets a folder for each class; files of the same names are replaced.",
        };
        var masks = new Option<string?>("--masks")
        {
            HelpName = "folder",
            Description = "Gets the objects' masks likewise, white where the object is. The built-in set has masks.",
        };
        Option<bool> json = Json;
        var command = new Command("export", "Writes pictures as PNG files.") { data, split, indices, output, masks, json };
        command.SetAction(
            (parsed, cancellationToken) =>
                CommandLine.ReportErrorsAsync(
                    parsed,
                    async streams =>
                    {
                        var notes = new List<string>();
                        DataSet set = DataSets.Load(parsed.GetValue(data)!, notes.Add);
                        await SayAsync(streams.Output, parsed.GetValue(json) ? [] : notes).ConfigureAwait(false);
                        LabeledImages images = parsed.GetValue(split) == "train" ? set.Train : set.Test;
                        int[] chosen = parsed.GetValue(indices) is { Length: > 0 } some
                            ? IndexRanges.Parse(string.Join(',', some), images.Name, images.Count)
                            : [.. Enumerable.Range(0, images.Count)];
                        string folder = OutputPath.Folder(output, parsed.GetValue(output)!);
                        string? maskFolder = parsed.GetValue(masks) is { } path ? OutputPath.Folder(masks, path) : null;
                        if (maskFolder is not null && !images.HasMasks)
                        {
                            throw new UsageException(
                                $"--masks: {images.Name} has no masks; the built-in set (--data {DataSets.Shapes}) has."
                            );
                        }

                        if (maskFolder is not null && SamePlace.Are(maskFolder, folder))
                        {
                            throw new UsageException(
                                "--masks: name another folder than --out, where masks would replace pictures."
                            );
                        }

                        if (parsed.GetValue(data) is { } source and not DataSets.Shapes && SamePlace.Are(source, folder))
                        {
                            throw new UsageException("--out: name another folder than --data, whose pictures would be replaced.");
                        }

                        using OutputFolder held = OutputFolder.Take(folder);
                        using OutputFolder? heldMasks = maskFolder is null ? null : OutputFolder.Take(maskFolder);
                        IReadOnlyList<string> folders = FileName.ForAll(images.ClassNames);
                        foreach (int index in chosen)
                        {
                            cancellationToken.ThrowIfCancellationRequested();
                            string name = Path.Combine(folders[images.Labels[index]], $"{index:00000}.png");
                            PngFile.Save(Path.Combine(folder, name), images.PictureOf(index));
                            if (maskFolder is not null)
                            {
                                PngFile.Save(Path.Combine(maskFolder, name), images.Height, images.Width, images.MaskOf(index));
                            }
                        }

                        await (
                            parsed.GetValue(json)
                                ? JsonOutput.WriteAsync(
                                    streams.Output,
                                    new
                                    {
                                        Data = set.Name,
                                        Notes = notes,
                                        Split = images.Name,
                                        Pictures = chosen.Length,
                                        Folder = folder,
                                        Masks = maskFolder,
                                    }
                                )
                                : streams.Output.WriteLineAsync($"{chosen.Length} pictures of {images.Name}: {folder}")
                        ).ConfigureAwait(false);
                        return 0;
                    }
                )
        );
        return command;
    }

    private static async Task SayAsync(TextWriter output, IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            await output.WriteLineAsync(line).ConfigureAwait(false);
        }
    }
}

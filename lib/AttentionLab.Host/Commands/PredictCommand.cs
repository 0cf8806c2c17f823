using System.CommandLine;
using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Imaging;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;
using Spectre.Console;

namespace AttentionLab.Host.Commands;

/// <summary>The command <c>predict</c>: what a network says about picture files.</summary>
internal static class PredictCommand
{
    public const string Name = "predict";

    public const string Examples = """
        Examples:
          {program} predict --weights "data/trained/CIFAR-10 se.safetensors" --pictures notebooks/images/heat-maps.png
              the three most probable classes, and in a terminal the picture as the network sees it; name photographs of your own
          {program} predict --weights "data/trained/CIFAR-10 se.safetensors" --pictures notebooks/images --top 1 --json
              every picture file of a folder; one JSON document for a script
          {program} predict --weights "data/trained/CIFAR-10 se.safetensors" --pictures notebooks/images --out seen
              writes seen/heat-maps.png: the 32×32 pixels that the network gets

        Pictures are cut to their middle square and reduced to 32×32; what is transparent becomes white. Classes are called as the weights
        say, else class 0, class 1 … Unreadable files are reported and skipped.

        Exit codes: 0 done, 1 a file is missing or wrong, 2 wrong usage, 130 stopped by Ctrl+C.

        """;

    private const int AtOnce = 64;

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        Option<string?> model = NetworkOptions.Model();
        Option<string> weights = NetworkOptions.Weights();
        var pictures = new Option<string[]>("--pictures")
        {
            Required = true,
            HelpName = "file",
            AllowMultipleArgumentsPerToken = true,
            Description = "Picture files, or folders of them: PNG, JPEG, WebP, GIF, BMP.",
        };
        var top = new Option<int>("--top")
        {
            HelpName = "number",
            Description = "How many classes to name for each picture.",
            DefaultValueFactory = _ => 3,
        };
        top.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() <= 0)
            {
                result.AddError("--top is a positive number.");
            }
        });
        var output = new Option<string?>("--out")
        {
            HelpName = "folder",
            Description = "Gets each picture as the network sees it (PNG).",
        };
        var json = new Option<bool>("--json")
        {
            Description = "Puts the results on the output as one JSON document, and nothing else.",
        };
        var command = new Command(Name, "Names what is on pictures.") { model, weights, pictures, top, output, json };
        command.SetAction(
            (parsed, cancellationToken) =>
                CommandLine.ReportErrorsAsync(
                    parsed,
                    async streams =>
                    {
                        string? folder = parsed.GetValue(output) is { } outPath ? OutputPath.Folder(output, outPath) : null;
                        using OutputFolder? held = folder is null ? null : OutputFolder.Take(folder);
                        using TrainedNetwork network = TrainedNetwork.Load(parsed.GetValue(weights)!, parsed.GetValue(model));
                        foreach (string note in network.Notes)
                        {
                            await streams.Error.WriteLineAsync(note).ConfigureAwait(false);
                        }

                        (IAnsiConsole console, bool live) = Terminal.Of(streams.Output);
                        var notes = new List<string>();
                        string[] files = [.. PictureFiles.Find(parsed.GetValue(pictures)!, notes.Add)];
                        foreach (string note in parsed.GetValue(json) ? [] : notes)
                        {
                            await streams.Error.WriteLineAsync(note).ConfigureAwait(false);
                        }

                        Dictionary<string, string> seen = folder is not null ? SeenFiles(folder, files) : [];
                        if (
                            files.FirstOrDefault(file => seen.TryGetValue(file, out string? png) && SamePlace.Are(file, png)) is
                            { } own
                        )
                        {
                            throw new UsageException(
                                $"--out: {own} would be replaced by what the network sees of it; name another folder."
                            );
                        }

                        var documents = new List<object>();
                        bool failed = false;
                        void Report(string unreadable)
                        {
                            failed = true;
                            streams.Error.WriteLine(unreadable);
                        }

                        foreach (string[] part in files.Chunk(AtOnce))
                        {
                            (string File, Image Picture)[] read =
                            [
                                .. PictureFiles.Read(
                                    part,
                                    new ImageOptions { Height = network.Height, Width = network.Width },
                                    Report,
                                    cancellationToken
                                ),
                            ];
                            if (read.Length == 0)
                            {
                                continue;
                            }

                            IReadOnlyList<Prediction> predictions = network.Predict(
                                [.. read.Select(each => each.Picture)],
                                cancellationToken
                            );
                            for (int n = 0; n < read.Length; n++)
                            {
                                (string file, Image picture) = read[n];
                                IReadOnlyList<ClassProbability> best = predictions[n].Top(parsed.GetValue(top));
                                if (seen.TryGetValue(file, out string? png))
                                {
                                    PngFile.Save(png, picture);
                                }

                                documents.Add(
                                    new
                                    {
                                        File = file,
                                        Seen = png,
                                        Predictions = best.Select(each => new
                                        {
                                            Class = each.Name,
                                            each.Index,
                                            each.Probability,
                                        }),
                                    }
                                );
                                if (!parsed.GetValue(json))
                                {
                                    Show(console, live, file, picture, best);
                                }
                            }
                        }

                        if (parsed.GetValue(json))
                        {
                            await JsonOutput
                                .WriteAsync(
                                    streams.Output,
                                    new
                                    {
                                        Model = network.Architecture!.Name,
                                        Weights = Path.GetFullPath(parsed.GetValue(weights)!),
                                        Notes = notes,
                                        Pictures = documents,
                                    }
                                )
                                .ConfigureAwait(false);
                        }

                        return failed ? ExitCode.Failed : 0;
                    }
                )
        );
        return command;
    }

    private static void Show(IAnsiConsole console, bool live, string file, Image picture, IEnumerable<ClassProbability> best)
    {
        if (!live)
        {
            console.WriteLine(
                $"{PlainText.OnOneLine(file)}: {string.Join(", ", best.Select(each => $"{each.Name} {Percent(each.Probability)}"))}"
            );
            return;
        }

        Table table = new Table { Border = TableBorder.Simple, Title = new TableTitle(Markup.Escape(PlainText.OnOneLine(file))) }
            .AddColumn("Class")
            .AddColumn(new TableColumn("Probability").RightAligned());
        foreach (ClassProbability each in best)
        {
            table.AddRow(Markup.Escape(each.Name), Percent(each.Probability));
        }

        console.Write(new Grid().AddColumn().AddColumn().AddRow(new TerminalPicture(picture), table));
    }

    /// <summary>Where each picture goes: under its name, with a number behind it where two are called alike.</summary>
    private static Dictionary<string, string> SeenFiles(string folder, string[] files) =>
        files
            .Zip(FileName.ForAll([.. files.Select(file => Path.GetFileNameWithoutExtension(file))]))
            .ToDictionary(pair => pair.First, pair => Path.Combine(folder, $"{pair.Second}.png"));

    private static string Percent(double share) => $"{(100 * share).ToString("0.0", CultureInfo.InvariantCulture)} %";
}

using System.CommandLine;
using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Host.Explaining;
using AttentionLab.Host.Inputs;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;

namespace AttentionLab.Host.Commands;

/// <summary>
/// The command <c>explain</c>: where a network looks in some pictures, as numbers, as pictures and as a page to read.
/// </summary>
internal static class ExplainCommand
{
    public const string Name = "explain";

    public const string Examples = """
        Examples:
          {program} explain --model se --weights "data/trained/CIFAR-10 se.safetensors" --method grad-cam --pictures notebooks/images --out seen
              every picture of a folder, or photographs one by one; seen/index.html shows where the network looked
          {program} explain --model plain --weights "data/trained/Shapes plain.safetensors" --method all --data shapes --indices 0-7 --out seen
              all methods side by side on the built-in set, which needs no file
          {program} explain --model se --weights "data/trained/Shapes se.safetensors" --method hires-cam,channels,se --layer conv2 conv3 --target ring --data shapes --indices 0,3,5-9 --raw seen.safetensors
              the numbers themselves: hires-cam/conv2, hires-cam/conv3, channels/conv3/top, se/ca1 …

        Pictures are cut to their middle square and reduced to 32×32; what is transparent becomes white. Classes are called as in the data set;
        for picture files and tensors as the weights say, else class 0, class 1 … Unreadable files are reported and skipped.

        Exit codes: 0 done, 1 a file is missing or wrong, 2 wrong usage, 130 stopped by Ctrl+C.

        """;

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        Option<string?> model = NetworkOptions.Model();
        Option<string> weights = NetworkOptions.Weights();
        var method = Several(
            "--method",
            "name",
            $"Which methods, with commas between them: {string.Join(", ", MethodChoice.Names)}; or {MethodChoice.All}. "
                + "channels: the tutorial's heat maps. se: the weights of the squeeze-and-excitation modules ca1, ca2 and ca3."
        );
        method.Required = true;
        var layer = Several(
            "--layer",
            "name",
            "Which layers: conv3, bn2, … * and ? stand for anything but a dot, ** for anything. Methods that explain pixels "
                + "do not ask. [default: the last layer with height and width that all paths pass, before it is only pooled; of "
                + "the tutorial's channels the last convolution]"
        );
        var target = new Option<string?>("--target")
        {
            HelpName = "class",
            Description = "The class to explain, by number or name. [default: for each picture the predicted one]",
        };
        var pictures = Several("--pictures", "file", "Picture files, or folders of them: PNG, JPEG, WebP, GIF, BMP.");
        var data = new Option<string?>("--data") { HelpName = "folder", Description = DataChoice.Help };
        var split = new Option<string?>("--split") { Description = "Of --data. [default: test]" };
        split.AcceptOnlyFromAmong("test", "train");
        var indices = Several("--indices", "numbers", "Which pictures of --data: 0-7, or 0,3,5-9. [default: 0-7]");
        var tensor = new Option<string?>("--tensor")
        {
            HelpName = "file",
            Description = "A safetensors file with a tensor input, N×3×32×32 of float32, already normalised.",
        };
        var output = new Option<string?>("--out")
        {
            HelpName = "folder",
            Description = "Gets pictures (PNG) and a page, index.html.",
        };
        var raw = new Option<string?>("--raw")
        {
            HelpName = "file",
            Description =
                "Gets the numbers, a safetensors file: logits (N×classes), pred (N), for each method and layer METHOD/LAYER, "
                + "the raw map (N×h×w), "
                + "channels/LAYER/top (N×3) and channels/LAYER/heatmap (N×3×32×32), se/ca1 … (N×channels).",
        };
        var command = new Command(Name, "Shows where a network looks in pictures.")
        {
            model,
            weights,
            method,
            layer,
            target,
            pictures,
            data,
            split,
            indices,
            tensor,
            output,
            raw,
        };
        command.Validators.Add(result =>
        {
            bool Has(Option option) => result.GetResult(option) is { Implicit: false };
            if (new Option[] { pictures, data, tensor }.Count(Has) != 1)
            {
                result.AddError("Name the pictures by one of --pictures, --data and --tensor.");
            }
            else if (!Has(data) && (Has(split) || Has(indices)))
            {
                result.AddError("--split and --indices choose from --data.");
            }

            if (!Has(output) && !Has(raw))
            {
                result.AddError("Say where the results go: --out folder, --raw file, or both.");
            }
        });
        command.SetAction(
            (parsed, cancellationToken) =>
                CommandLine.ReportErrorsAsync(
                    parsed,
                    async streams =>
                    {
                        string? folder = parsed.GetValue(output) is { } outPath ? OutputPath.Folder(output, outPath) : null;
                        using OutputFolder? held = folder is null ? null : OutputFolder.Take(folder);
                        string? file = parsed.GetValue(raw) is { } rawPath ? OutputPath.File(raw, rawPath) : null;
                        using TrainedNetwork network = TrainedNetwork.Load(parsed.GetValue(weights)!, parsed.GetValue(model));
                        MethodChoice choice = MethodChoice.Parse(parsed.GetValue(method)!, network);
                        string[] layers = parsed.GetValue(layer) ?? [];
                        CheckLayers(network, layers);
                        bool failed = false;
                        void Report(string unreadable)
                        {
                            failed = true;
                            streams.Error.WriteLine(unreadable);
                        }

                        using PictureInput input =
                            parsed.GetValue(pictures) is { Length: > 0 } files
                                ? PictureInput.FromFiles(
                                    PictureFiles.Find(files, streams.Output.WriteLine),
                                    network.Normalization,
                                    Report,
                                    cancellationToken
                                )
                            : parsed.GetValue(data) is { } root
                                ? PictureInput.FromData(
                                    root,
                                    parsed.GetValue(split) ?? "test",
                                    parsed.GetValue(indices) is { Length: > 0 } some ? string.Join(',', some) : "0-7",
                                    streams.Output.WriteLine
                                )
                            : PictureInput.FromTensor(parsed.GetValue(tensor)!);
                        IReadOnlyList<string> classNames = input.ClassNamesFor(network);
                        Target explained = parsed.GetValue(target) is { } name
                            ? Target.Class(ClassOf(name, classNames))
                            : Target.Predicted;

                        ExplainRun run = await ExplainProgress
                            .ShowAsync(
                                streams.Output,
                                progress =>
                                    ExplainRun.Of(network, input.Input, choice, layers, explained, progress, cancellationToken)
                            )
                            .ConfigureAwait(false);
                        foreach (
                            Explanation map in run.Maps.Where(map => layers.Length == 0 && map.Layer != ActivationExtractor.Input)
                        )
                        {
                            await streams.Output.WriteLineAsync($"{map.Method} at {map.Layer}").ConfigureAwait(false);
                        }

                        foreach (string note in network.Notes.Concat(run.Maps.SelectMany(map => map.Notes)))
                        {
                            await streams.Output.WriteLineAsync(note).ConfigureAwait(false);
                        }

                        if (file is not null)
                        {
                            RawFile.Write(file, run);
                            await streams.Output.WriteLineAsync($"Numbers: {file}").ConfigureAwait(false);
                        }

                        if (folder is not null)
                        {
                            string[] facts =
                            [
                                $"{network.Module.GetName()}, {Path.GetFullPath(parsed.GetValue(weights)!)}",
                                input.Source,
                                .. run
                                    .Maps.Take(1)
                                    .SelectMany(map => map.Versions)
                                    .Select(version => $"{version.Key} {version.Value}"),
                            ];
                            ResultFolder.Write(folder, input, run, classNames, facts);
                            await streams
                                .Output.WriteLineAsync($"Page: {Path.Combine(folder, ResultFolder.PageName)}")
                                .ConfigureAwait(false);
                        }

                        return failed ? ExitCode.Failed : 0;
                    }
                )
        );
        return command;
    }

    private static Option<string[]> Several(string name, string helpName, string description) =>
        new(name)
        {
            HelpName = helpName,
            Description = description,
            AllowMultipleArgumentsPerToken = true,
        };

    private static void CheckLayers(TrainedNetwork network, string[] layers)
    {
        if (layers.Length > 0)
        {
            using var extractor = new ActivationExtractor(network.Module, layers);
        }
    }

    private static int ClassOf(string text, IReadOnlyList<string> names)
    {
        int byName = names
            .Index()
            .Where(name => string.Equals(name.Item, text, StringComparison.OrdinalIgnoreCase))
            .Select(name => name.Index)
            .FirstOrDefault(-1);
        return byName >= 0 ? byName
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < names.Count ? index
            : throw new UsageException(
                $"--target: there is no class \"{TypedText.Short(text)}\". There are 0 to {names.Count - 1}: "
                    + $"{string.Join(", ", names.Take(20).Select(TypedText.Short))}{(names.Count > 20 ? " …" : "")}."
            );
    }
}

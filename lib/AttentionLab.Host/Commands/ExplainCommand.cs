using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Host.Explaining;
using AttentionLab.Imaging;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Host.Commands;

/// <summary>
/// The command <c>explain</c>: where a network looks in some pictures, as numbers, as pictures and as a page to read.
/// </summary>
internal sealed class ExplainCommand
{
    public const string Name = "explain";

    public const string Examples = $$"""
        Examples:
          {program} explain --model se --weights "data/trained/CIFAR-10 se.safetensors" --method grad-cam --pictures notebooks/images --out seen
              every picture of a folder, or photographs one by one; seen/index.html shows where the network looked
          {program} explain --model plain --weights "data/trained/Shapes plain.safetensors" --method all --data shapes --indices 0-7 --out seen
              all methods side by side on the built-in set, which needs no file
          {program} explain --model se --weights "data/trained/Shapes se.safetensors" --method hires-cam,channels,se --layer conv2 conv3 --target ring --data shapes --indices 0,3,5-9 --raw seen.safetensors
              the numbers themselves: hires-cam/conv2, hires-cam/conv3, channels/conv3/top, se/ca1 …

          {program} explain --model resnet50.onnx --classes imagenet.txt --method grad-cam --pictures dog.jpg --out seen
              a network of another program; each map lies on the part of the photograph that the network sees
          {program} explain --weights mine.safetensors --method tcav --concept striped --random anything --target zebra --pictures zebras
              whether the pictures of the folder striped show something that speaks for the class zebra: a number, no map

        {{NetworkArguments.Help}}
        Pictures of --data have the data set's classes. Unreadable files are reported and skipped.

        Exit codes: 0 done, 1 a file is missing or wrong, 2 wrong usage, 130 stopped by Ctrl+C, 143 by SIGTERM.

        """;

    private readonly NetworkArguments _network = new();

    private readonly Option<string[]> _method = Several(
        "--method",
        "name",
        $"Which methods, with commas between them: {string.Join(", ", MethodChoice.Names)}; or {MethodChoice.All}. "
            + "channels: the tutorial's heat maps. se: the weights of the squeeze-and-excitation modules ca1, ca2 and ca3. "
            + "concepts: four patterns that the pictures share in a layer, whatever the class (not among all). "
            + $"{ConceptTest.Name}: tests a concept, see --concept.",
        required: true
    );

    private readonly Option<string[]> _layer = Several(
        "--layer",
        "name",
        "Which layers: conv3, bn2, … * and ? stand for anything but a dot, ** for anything. Methods that explain pixels "
            + "do not ask. [default: the last layer with height and width that all paths pass, before it is only pooled; of "
            + "the tutorial's channels the last convolution]"
    );

    private readonly Option<string?> _target = One(
        "--target",
        "class",
        "The class to explain, by number or name. [default: for each picture the predicted one]"
    );

    private readonly Option<string?> _concept = One(
        "--concept",
        "folder",
        $"At least six pictures that show a concept, for --method {ConceptTest.Name}: prints for what share of the pictures the "
            + "class's score grows towards the concept, and whether that is more than chance."
    );

    private readonly Option<string?> _random = One(
        "--random",
        "folder",
        "Pictures of anything to tell the concept from, at least twice as many."
    );

    private readonly Option<string[]> _pictures = Several(
        "--pictures",
        "file",
        "Picture files, or folders of them: PNG, JPEG, WebP, GIF, BMP."
    );

    private readonly Option<string?> _data = One("--data", "folder", DataOption.Help);

    private readonly Option<string?> _split = new("--split") { Description = "Of --data. [default: test]" };

    private readonly Option<string[]> _indices = Several(
        "--indices",
        "numbers",
        "Which pictures of --data: 0-7, or 0,3,5-9. [default: 0-7]"
    );

    private readonly Option<string?> _tensor = One(
        "--tensor",
        "file",
        "A safetensors file with a tensor input, N×C×H×W of float32 as the network takes it, already normalised."
    );

    private readonly Option<string?> _output = One("--out", "folder", "Gets pictures (PNG) and a page, index.html.");

    private readonly Option<string?> _raw = One(
        "--raw",
        "file",
        "Gets the numbers, a safetensors file: logits (N×classes), pred (N), for each method and layer METHOD/LAYER, the raw map "
            + "(N×h×w), channels/LAYER/top (N×3) and channels/LAYER/heatmap (N×3×H×W), se/ca1 … (N×channels)."
    );

    /// <summary>The command with its options.</summary>
    public static Command Create() => new ExplainCommand().Build();

    private Command Build()
    {
        _split.AcceptOnlyFromAmong("test", "train");
        var command = new Command(Name, "Shows where a network looks in pictures.");
        _network.AddTo(command);
        Option[] options =
        [
            _method,
            _layer,
            _target,
            _concept,
            _random,
            _pictures,
            _data,
            _split,
            _indices,
            _tensor,
            _output,
            _raw,
        ];
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }

        command.Validators.Add(Check);
        command.SetAction(
            (parsed, cancellationToken) =>
                CommandLine.ReportErrorsAsync(parsed, streams => RunAsync(parsed, streams, cancellationToken))
        );
        return command;
    }

    private void Check(CommandResult result)
    {
        bool Has(Option option) => result.GetResult(option) is { Implicit: false };
        if (new Option[] { _pictures, _data, _tensor }.Count(Has) != 1)
        {
            result.AddError("Name the pictures by one of --pictures, --data and --tensor.");
        }
        else if (!Has(_data) && (Has(_split) || Has(_indices)))
        {
            result.AddError("--split and --indices choose from --data.");
        }

        bool tests = result.GetValue(_method)?.Contains(ConceptTest.Name) == true;
        if (tests || Has(_concept) || Has(_random))
        {
            if (!(tests && Has(_concept) && Has(_random)))
            {
                result.AddError($"--method {ConceptTest.Name}, --concept and --random go together.");
            }
            else if (Has(_output) || Has(_raw) || result.GetValue(_method)!.Length > 1)
            {
                result.AddError(
                    $"--method {ConceptTest.Name} gives a number and no map: leave out --out, --raw and other methods."
                );
            }
        }
        else if (!Has(_output) && !Has(_raw))
        {
            result.AddError("Say where the results go: --out folder, --raw file, or both.");
        }
    }

    private async Task<int> RunAsync(ParseResult parsed, InvocationConfiguration streams, CancellationToken cancellationToken)
    {
        string? folder = parsed.GetValue(_output) is { } outPath ? OutputPath.Folder(_output, outPath) : null;
        using OutputFolder? held = folder is null ? null : OutputFolder.Take(folder);
        string? file = parsed.GetValue(_raw) is { } rawPath ? OutputPath.File(_raw, rawPath) : null;
        using TrainedNetwork network = await _network
            .LoadAsync(parsed, streams.Output.WriteLine, cancellationToken)
            .ConfigureAwait(false);
        MethodChoice? choice = parsed.GetValue(_concept) is null ? MethodChoice.Parse(parsed.GetValue(_method)!, network) : null;
        string[] layers = parsed.GetValue(_layer) ?? [];
        CheckLayers(network, layers);

        bool failed = false;
        using PictureInput input = Input(parsed, network, streams.Output.WriteLine, ReportUnreadable, cancellationToken);
        IReadOnlyList<string> classNames = input.ClassNamesFor(network);
        Target target = parsed.GetValue(_target) is { } name ? Target.Class(ClassOf(name, classNames)) : Target.Predicted;
        if (choice is null)
        {
            await TestAsync(parsed, streams.Output, network, input.Input, layers, target, ReportUnreadable, cancellationToken)
                .ConfigureAwait(false);
            return failed ? ExitCode.Failed : 0;
        }

        ExplainRun run = await ExplainProgress
            .ShowAsync(
                streams.Output,
                progress => ExplainRun.Of(network, input.Input, choice, layers, target, progress, cancellationToken)
            )
            .ConfigureAwait(false);

        WriteLayersAndNotes(streams.Output, network, run, layersAreChosen: layers.Length > 0);
        if (file is not null)
        {
            RawFile.Write(file, run);
            await streams.Output.WriteLineAsync($"Numbers: {file}").ConfigureAwait(false);
        }

        if (folder is not null)
        {
            ResultFolder.Write(folder, input, run, classNames, Facts(parsed, network, input, run));
            await streams.Output.WriteLineAsync($"Page: {Path.Combine(folder, ResultFolder.PageName)}").ConfigureAwait(false);
        }

        return failed ? ExitCode.Failed : 0;

        void ReportUnreadable(string file)
        {
            failed = true;
            streams.Error.WriteLine(file);
        }
    }

    private async Task TestAsync(
        ParseResult parsed,
        TextWriter output,
        TrainedNetwork network,
        Tensor input,
        string[] layers,
        Target target,
        Action<string> report,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<TcavResult> results = await ExplainProgress
            .ShowAsync(
                output,
                progress =>
                    ConceptTest.Of(
                        network,
                        input,
                        parsed.GetValue(_concept)!,
                        parsed.GetValue(_random)!,
                        layers,
                        target,
                        report,
                        progress,
                        cancellationToken
                    )
            )
            .ConfigureAwait(false);
        foreach (object line in network.Notes.Concat<object>(results))
        {
            await output.WriteLineAsync($"{line}").ConfigureAwait(false);
        }
    }

    private PictureInput Input(
        ParseResult parsed,
        TrainedNetwork network,
        Action<string> report,
        Action<string> reportUnreadable,
        CancellationToken cancellationToken
    )
    {
        if (parsed.GetValue(_pictures) is { Length: > 0 } files)
        {
            IReadOnlyList<string> found = PictureFiles.Find(files, report);
            return PictureInput.FromFiles(found, network, reportUnreadable, cancellationToken);
        }

        if (parsed.GetValue(_data) is { } root)
        {
            DataSet set = DataSets.Load(root, report, PicturesFor(network));
            LabeledImages images = parsed.GetValue(_split) == "train" ? set.Train : set.Test;
            string indices = parsed.GetValue(_indices) is { Length: > 0 } some ? string.Join(',', some) : "0-7";
            return PictureInput.FromSet(set, images, IndexRanges.Parse(indices, images.Name, images.Count), network);
        }

        return PictureInput.FromTensor(parsed.GetValue(_tensor)!, network);
    }

    /// <summary>A folder's pictures at the size from which the network's preprocessing cuts its own.</summary>
    private static ImageFolderOptions? PicturesFor(TrainedNetwork network) =>
        network.Preprocessing is { Height: { } height, Width: { } width } preprocessing
            ? new ImageFolderOptions
            {
                Pictures = new ImageOptions
                {
                    Height = height * (preprocessing.ShorterSide ?? Math.Min(height, width)) / Math.Min(height, width),
                    Width = width * (preprocessing.ShorterSide ?? Math.Min(height, width)) / Math.Min(height, width),
                    Fit = preprocessing.Fit,
                },
            }
            : null;

    /// <summary>Each default layer, then what a reader of the maps should know.</summary>
    private static void WriteLayersAndNotes(TextWriter output, TrainedNetwork network, ExplainRun run, bool layersAreChosen)
    {
        foreach (Explanation map in run.Maps.Where(map => !layersAreChosen && map.Layer != ActivationExtractor.Input))
        {
            output.WriteLine($"{map.Method} at {map.Layer}");
        }

        foreach (Explanation map in run.Maps.Where(map => map.Layout != SpatialLayout.ChannelsFirst).DistinctBy(map => map.Layer))
        {
            output.WriteLine(
                map.Layer == ActivationExtractor.Input ? $"{map.Method} reads {map.Layout}" : $"{map.Layer} outputs {map.Layout}"
            );
        }

        foreach (FeatureFactors factors in run.Concepts)
        {
            output.WriteLine(factors);
        }

        foreach (
            string note in network
                .Notes.Concat(run.LeftOut)
                .Concat(run.Maps.SelectMany(map => map.Notes))
                .Concat(run.Concepts.SelectMany(factors => factors.Notes))
        )
        {
            output.WriteLine(note);
        }
    }

    private string[] Facts(ParseResult parsed, TrainedNetwork network, PictureInput input, ExplainRun run) =>
        [
            $"{network.Module.GetName()}, {_network.FileOf(parsed)}",
            input.Source,
            .. run.Maps.Take(1).SelectMany(map => map.Versions).Select(version => $"{version.Key} {version.Value}"),
        ];

    private static Option<string?> One(string name, string helpName, string description) =>
        new(name) { HelpName = helpName, Description = description };

    private static Option<string[]> Several(string name, string helpName, string description, bool required = false) =>
        new(name)
        {
            HelpName = helpName,
            Description = description,
            AllowMultipleArgumentsPerToken = true,
            Required = required,
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
                $"--target: \"{TypedText.Short(text)}\" is not a class of the network. Its classes are 0 to {names.Count - 1}: "
                    + $"{string.Join(", ", names.Take(20).Select(TypedText.Short))}{(names.Count > 20 ? " …" : "")}."
            );
    }
}

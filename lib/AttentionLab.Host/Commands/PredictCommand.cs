using System.CommandLine;
using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Imaging;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;
using Spectre.Console;

namespace AttentionLab.Host.Commands;

/// <summary>The command <c>predict</c>: what a network says about picture files.</summary>
internal sealed class PredictCommand
{
    public const string Name = "predict";

    public const string Examples = $$"""
        Examples:
          {program} predict --weights "data/trained/CIFAR-10 se.safetensors" --pictures notebooks/images/heat-maps.png
              the three most probable classes, and in a terminal the picture as the network sees it; name photographs of your own
          {program} predict --weights "data/trained/CIFAR-10 se.safetensors" --pictures notebooks/images --top 1 --json
              every picture file of a folder; one JSON document for a script
          {program} predict --weights "data/trained/CIFAR-10 se.safetensors" --pictures notebooks/images --out seen
              writes seen/heat-maps.png: the pixels that the network gets
          {program} predict --model resnet50.onnx --classes imagenet.txt --preprocessing imagenet --pictures dog.jpg --top 5
              a network of another program; torchvision's by name: --model resnet50 --weights resnet50.pth

        {{NetworkArguments.Help}}
        Unreadable files are reported and skipped.

        Exit codes: 0 done, 1 a file is missing or wrong, 2 wrong usage, 130 stopped by Ctrl+C, 143 by SIGTERM.

        """;

    private const int AtOnce = 16;

    private readonly NetworkArguments _network = new();

    private readonly Option<string[]> _pictures = new("--pictures")
    {
        Required = true,
        HelpName = "file",
        AllowMultipleArgumentsPerToken = true,
        Description = "Picture files, or folders of them: PNG, JPEG, WebP, GIF, BMP.",
    };

    private readonly Option<int> _top = new("--top")
    {
        HelpName = "number",
        Description = "How many classes to name for each picture.",
        DefaultValueFactory = _ => 3,
    };

    private readonly Option<string?> _output = new("--out")
    {
        HelpName = "folder",
        Description = "Gets each picture as the network sees it (PNG).",
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Writes the results to the output as one JSON document, and nothing else.",
    };

    private PredictCommand() { }

    /// <summary>The command with its options.</summary>
    public static Command Create() => new PredictCommand().ToCommand();

    private Command ToCommand()
    {
        _top.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() <= 0)
            {
                result.AddError("--top is a positive number.");
            }
        });
        var command = new Command(Name, "Names what is on pictures.");
        _network.AddTo(command);
        foreach (Option option in (Option[])[_pictures, _top, _output, _json])
        {
            command.Options.Add(option);
        }

        command.SetAction(
            (parsed, cancellationToken) =>
                CommandLine.ReportErrorsAsync(parsed, streams => RunAsync(parsed, streams, cancellationToken))
        );
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, InvocationConfiguration streams, CancellationToken cancellationToken)
    {
        string? folder = parsed.GetValue(_output) is { } outPath ? OutputPath.Folder(_output, outPath) : null;
        using OutputFolder? held = folder is null ? null : OutputFolder.Take(folder);
        using TrainedNetwork network = await _network
            .LoadAsync(parsed, streams.Error.WriteLine, cancellationToken)
            .ConfigureAwait(false);
        await SayAsync(streams.Error, network.Notes).ConfigureAwait(false);
        bool asJson = parsed.GetValue(_json);
        var notes = new List<string>();
        string[] files = [.. PictureFiles.Find(parsed.GetValue(_pictures)!, notes.Add)];
        await SayAsync(streams.Error, asJson ? [] : notes).ConfigureAwait(false);
        Dictionary<string, string> seen = folder is not null ? SeenFiles(folder, files) : [];
        CheckReplacesNone(files, seen);

        (IAnsiConsole console, bool live) = Terminal.Of(streams.Output);
        var documents = new List<object>();
        bool failed = false;
        foreach ((string file, Image picture, Prediction prediction) in Predict(network, files, Report, cancellationToken))
        {
            IReadOnlyList<ClassProbability> best = prediction.Top(parsed.GetValue(_top));
            if (seen.TryGetValue(file, out string? png))
            {
                PngFile.Save(picture, png);
            }

            documents.Add(Document(file, png, best));
            if (!asJson)
            {
                Show(console, live, file, picture, best);
            }
        }

        if (asJson)
        {
            var document = new
            {
                Model = _network.NameOf(parsed, network),
                Weights = _network.FileOf(parsed),
                Notes = notes,
                Pictures = documents,
            };
            await JsonOutput.WriteAsync(streams.Output, document).ConfigureAwait(false);
        }

        return failed ? ExitCode.Failed : 0;

        void Report(string unreadable)
        {
            failed = true;
            streams.Error.WriteLine(unreadable);
        }
    }

    /// <summary>Reads and classifies the files, some at a time; unreadable ones are reported and skipped.</summary>
    private static IEnumerable<(string File, Image Picture, Prediction Prediction)> Predict(
        TrainedNetwork network,
        string[] files,
        Action<string> report,
        CancellationToken cancellationToken
    )
    {
        foreach (string[] part in files.Chunk(AtOnce))
        {
            (string File, Image Picture)[] read = [.. PictureFiles.Read(part, report, cancellationToken)];
            IReadOnlyList<Prediction> predictions =
                read.Length == 0 ? [] : network.Predict([.. read.Select(each => each.Picture)], cancellationToken);
            foreach (((string file, Image picture), Prediction prediction) in read.Zip(predictions))
            {
                yield return (file, network.Preprocessing.Apply(picture), prediction);
            }
        }
    }

    private static void CheckReplacesNone(string[] files, Dictionary<string, string> seen)
    {
        if (files.FirstOrDefault(file => seen.TryGetValue(file, out string? png) && SamePlace.Are(file, png)) is { } own)
        {
            throw new UsageException($"--out: {own} would be replaced by what the network sees of it; name another folder.");
        }
    }

    private static object Document(string file, string? png, IReadOnlyList<ClassProbability> best) =>
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
        };

    private static async Task SayAsync(TextWriter output, IEnumerable<string> sentences)
    {
        foreach (string sentence in sentences)
        {
            await output.WriteLineAsync(sentence).ConfigureAwait(false);
        }
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

using System.CommandLine;
using AttentionLab.Data;
using AttentionLab.Figures;
using AttentionLab.Host.Commands;
using AttentionLab.Host.Explaining;
using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Host.Training;

/// <summary>One call of the command <c>train --freeze</c> or <c>--fine-tune</c>: a last layer on a network that learned
/// before.</summary>
internal sealed class HeadSession(TrainArguments arguments, ParseResult parsed)
{
    private const int WorstShown = 5;

    private readonly TextWriter _output = parsed.InvocationConfiguration.Output,
        _error = parsed.InvocationConfiguration.Error;
    private readonly bool _asJson = parsed.GetValue(arguments.Json);

    /// <summary>Learns, writes the results, and gives the exit code.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        string folder = OutputPath.Folder(arguments.Out, parsed.GetValue(arguments.Out)!);
        using OutputFolder held = OutputFolder.Take(folder);
        var notes = new List<string>();
        LabeledPhotographs photographs = LabeledPhotographs.Find(parsed.GetValue(arguments.Data)!, notes.Add);
        using TrainedNetwork network = await NetworkArguments
            .LoadAsync(
                parsed.GetValue(arguments.Model),
                parsed.GetValue(arguments.Weights),
                classes: null,
                parsed.GetValue(arguments.Preprocessing),
                _error.WriteLine,
                cancellationToken
            )
            .ConfigureAwait(false);
        if (parsed.GetValue(arguments.Threads) is { } threads)
        {
            TorchSharp.torch.set_num_threads(threads);
        }

        LinearHead head = await ExplainProgress
            .ShowAsync(
                _error,
                progress =>
                {
                    progress.Begin($"{photographs.Files.Count} photographs");
                    LinearHead learned = LinearHead.Fit(
                        network,
                        photographs,
                        arguments.ToHeadOptions(parsed),
                        notes.Add,
                        progress,
                        cancellationToken
                    );
                    progress.End();
                    return learned;
                }
            )
            .ConfigureAwait(false);
        string weights = Path.Combine(folder, "weights.safetensors"),
            confusion = Path.Combine(folder, "confusion.png"),
            page = Path.Combine(folder, "index.html");
        head.Network.Save(weights, new Dictionary<string, string> { ["data"] = photographs.Name });
        ConfusionMatrixChart.Of(head.CrossValidation).Save(confusion);
        HeadPage.Of(head, photographs.Name).Save(page);
        var files = new HeadFiles(weights, confusion, page);
        await (_asJson ? WriteDocumentAsync(head, notes, files) : SayAsync(head, notes, files)).ConfigureAwait(false);
        return 0;
    }

    private async Task SayAsync(LinearHead head, IEnumerable<string> notes, HeadFiles files)
    {
        string[] worst =
        [
            .. head
                .CrossValidation.Misclassified.Take(WorstShown)
                .Select(mistake =>
                    FormattableString.Invariant(
                        $"{head.Network.ClassNames[mistake.PredictedClass]} {100 * mistake.Confidence:f0} %"
                    ) + $", and is {head.Network.ClassNames[mistake.TrueClass]}: {head.Files[mistake.Picture]}"
                ),
        ];
        string[] lines =
        [
            .. notes,
            .. head.ReplacedLayer is { } replaced ? (string[])[$"The new layer stands in place of {replaced}."] : [],
            .. head.TunedLayers.Count > 0 ? (string[])[$"Fine-tuned: {string.Join(", ", head.TunedLayers)}."] : [],
            $"{head}.",
            .. worst.Length > 0 ? (string[])["The most confident mistakes:", .. worst] : [],
            $"Confusion: {files.Confusion}",
            $"Weights: {files.Weights}",
            $"Page: {files.Page}",
        ];
        foreach (string line in lines)
        {
            await _output.WriteLineAsync(line).ConfigureAwait(false);
        }
    }

    private Task WriteDocumentAsync(LinearHead head, IReadOnlyList<string> notes, HeadFiles files) =>
        JsonOutput.WriteAsync(
            _output,
            new
            {
                Model = parsed.GetValue(arguments.Model),
                Notes = notes,
                Classes = head.Network.ClassNames,
                Photographs = head.Files.Count,
                Accuracy = head.Accuracy.Mean,
                AccuracyLow = head.Accuracy.Low,
                AccuracyHigh = head.Accuracy.High,
                Mistakes = head.CrossValidation.Misclassified.Select(mistake => new
                {
                    File = head.Files[mistake.Picture],
                    True = head.Network.ClassNames[mistake.TrueClass],
                    Predicted = head.Network.ClassNames[mistake.PredictedClass],
                    mistake.Confidence,
                }),
                head.ReplacedLayer,
                head.TunedLayers,
                Files = files,
            }
        );

    /// <summary>What a run leaves.</summary>
    private sealed record HeadFiles(string Weights, string Confusion, string Page);
}

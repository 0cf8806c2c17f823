using System.CommandLine;
using AttentionLab.Data;
using AttentionLab.Figures;
using AttentionLab.Host.Commands;
using AttentionLab.Host.Explaining;
using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Host.Training;

/// <summary>One call of the command <c>train --freeze</c>: a last layer on a pretrained network.</summary>
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
        using TrainedNetwork network = await PretrainedNetworks
            .ResNet18Async(_error.WriteLine, cancellationToken)
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
                        new LinearHeadOptions { Seed = parsed.GetValue(arguments.Seed) },
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
            confusion = Path.Combine(folder, "confusion.png");
        head.Network.Save(weights, new Dictionary<string, string> { ["data"] = photographs.Name });
        ConfusionMatrixChart.Of(head.CrossValidation).Save(confusion);
        await (
            _asJson ? WriteDocumentAsync(head, notes, weights, confusion) : SayAsync(head, notes, weights, confusion)
        ).ConfigureAwait(false);
        return 0;
    }

    private async Task SayAsync(LinearHead head, IEnumerable<string> notes, string weights, string confusion)
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
            $"{head}.",
            .. worst.Length > 0 ? (string[])["The most confident mistakes:", .. worst] : [],
            $"Confusion: {confusion}",
            $"Weights: {weights}",
        ];
        foreach (string line in lines)
        {
            await _output.WriteLineAsync(line).ConfigureAwait(false);
        }
    }

    private Task WriteDocumentAsync(LinearHead head, IReadOnlyList<string> notes, string weights, string confusion) =>
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
                Files = new { Weights = weights, Confusion = confusion },
            }
        );
}

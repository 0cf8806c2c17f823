using System.CommandLine;
using AttentionLab.Data;
using AttentionLab.Host.Commands;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;
using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Host.Training;

/// <summary>One call of the command <c>train</c>.</summary>
internal sealed class TrainingSession(TrainArguments arguments, ParseResult parsed)
{
    private readonly TextWriter _output = parsed.InvocationConfiguration.Output,
        _error = parsed.InvocationConfiguration.Error;
    private readonly bool _asJson = parsed.GetValue(arguments.Json);
    private readonly List<string> _notes = [];

    /// <summary>Trains, writes the results, and gives the exit code.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        string path = OutputPath.Folder(arguments.Out, parsed.GetValue(arguments.Out)!);
        var folder = new TrainingFolder(path);
        if (!parsed.GetValue(arguments.Resume))
        {
            folder.CheckFree();
        }

        TrainingOptions options = arguments.ToTrainingOptions(parsed, folder.Checkpoint);
        var trainer = new Trainer(options); // checks the options before anything is read
        await WarnOfPrecisionAsync(options, trainer).ConfigureAwait(false);
        using NetworkToTrain chosen = await NetworkToTrain
            .FindAsync(arguments, parsed, _error.WriteLine, cancellationToken)
            .ConfigureAwait(false);
        DataSet data = LoadData(chosen);
        using TrainedNetwork network = chosen.For(data, options.Seed);
        _notes.AddRange(network.Notes);
        await SayAsync(_notes).ConfigureAwait(false);
        using OutputFolder held = OutputFolder.Take(path);

        TrainingHistory history = await TrainAsync(
                trainer,
                network,
                chosen.IsTrained,
                data,
                options.Seed,
                folder,
                cancellationToken
            )
            .ConfigureAwait(false);

        await SayAsync(history.Notes).ConfigureAwait(false);
        _notes.AddRange(history.Notes);
        var results = new TrainingResults(NameOf(network), network, data, options, trainer, folder, history);
        results.Save();
        await (_asJson ? JsonOutput.WriteAsync(_output, results.ToDocument(_notes)) : results.SayAsync(_output)).ConfigureAwait(
            false
        );
        if (!history.Cancelled)
        {
            return 0;
        }

        await _error.WriteLineAsync(HowToResume(history, options)).ConfigureAwait(false);
        return ExitCode.Stopped;
    }

    private async Task WarnOfPrecisionAsync(TrainingOptions options, Trainer trainer)
    {
        if (options.MixedPrecision && !trainer.UsesMixedPrecision)
        {
            string why =
                trainer.Device.type == DeviceType.CPU
                    ? "AVX512-BF16 cannot be used on this machine"
                    : "this graphics card has no bfloat16";
            await _error.WriteLineAsync($"{arguments.MixedPrecisionName}: {why}; the run is in float32.").ConfigureAwait(false);
        }
    }

    private DataSet LoadData(NetworkToTrain network)
    {
        int? limit = parsed.GetValue(arguments.Limit);
        DataSet data = network.Load(parsed.GetValue(arguments.Data)!, limit, _notes.Add);
        if (limit is not null)
        {
            _notes.Add(
                $"{arguments.Limit.Name}: the first {data.Train.Count} training and {data.Test.Count} test pictures of these are "
                    + "used."
            );
        }

        return data.ClassNames.Count >= 2
            ? data
            : throw new UsageException(
                $"--data: {data.Name} has one class, {data.ClassNames[0]}; there is nothing to tell apart."
            );
    }

    /// <summary>What the network is called: as it was named, or what it is.</summary>
    private string NameOf(TrainedNetwork network) =>
        Path.GetFileName(parsed.GetValue(arguments.Model)) ?? network.Architecture?.Name ?? network.Module.GetName();

    private Task<TrainingHistory> TrainAsync(
        Trainer trainer,
        TrainedNetwork network,
        bool isTrained,
        DataSet data,
        long seed,
        TrainingFolder folder,
        CancellationToken cancellationToken
    )
    {
        TensorBoardLog? log = parsed.GetValue(arguments.TensorBoard) is { } logs
            ? new TensorBoardLog(OutputPath.Folder(arguments.TensorBoard, logs))
            : null;
        return TrainProgress.ShowAsync(
            _asJson ? _error : _output,
            onlyLive: _asJson,
            show =>
            {
                if (parsed.GetValue(arguments.Threads) is { } count)
                {
                    set_num_threads(count);
                }

                void Report(TrainingProgress progress)
                {
                    log?.Record(progress);
                    if (progress.Finished is { } epoch && epoch == progress.History.Best)
                    {
                        TrainingFolder.SaveWeights(folder.BestWeights, network, data, seed, epoch);
                    }

                    show(progress);
                }

                return isTrained
                    ? trainer.Fit(network, data, Report, cancellationToken)
                    : trainer.Fit(network.Module, data, Report, cancellationToken);
            }
        );
    }

    private async Task SayAsync(IEnumerable<string> sentences)
    {
        foreach (string sentence in _asJson ? [] : sentences)
        {
            await _output.WriteLineAsync(sentence).ConfigureAwait(false);
        }
    }

    private string HowToResume(TrainingHistory history, TrainingOptions options)
    {
        IEnumerable<string> words = parsed
            .Tokens.Select(token => token.Value.Contains(' ', StringComparison.Ordinal) ? $"\"{token.Value}\"" : token.Value)
            .Where(word => word != arguments.Resume.Name)
            .Append(arguments.Resume.Name);
        return $"Stopped with {history.Epochs.Count} of {options.Epochs} epochs done. This resumes with the next one:\n  "
            + string.Join(' ', words);
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// A run on disk, as it stands after an epoch: a safetensors file with the network's weights (<c>model/…</c>), the optimizer's
/// state (<c>adam/first/…</c>, <c>adam/second/…</c> or <c>sgd/momentum/…</c>), where the run has them averaged (<c>average/…</c>)
/// and best weights (<c>best/…</c>), every step's loss, and as text the epochs and what the run is of. The learning rate follows
/// from steps and losses, and all that is random from seed and epoch, so neither is kept.
/// </summary>
internal sealed class Checkpoint : IDisposable
{
    private const string RunKey = "run",
        EpochsKey = "epochs",
        LossesName = "losses";
    private const int LongestShown = 300;

    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly string _path;
    private readonly nn.Module<Tensor, Tensor> _model;
    private readonly RunningOptimizer _optimizer;
    private readonly WeightAverage? _average;
    private readonly BestWeights? _best;
    private readonly Dictionary<string, string> _run;
    private readonly WriterLock _lock;

    /// <summary>
    /// Holds the file until this is disposed of: two runs that save into one file would each undo the other's epochs.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What is the same in every part of a run, except for the number of epochs, which may grow.</param>
    /// <param name="data">Told apart by its bytes.</param>
    /// <param name="model">The network.</param>
    /// <param name="optimizer">Of all its parameters.</param>
    /// <param name="average">The weights' moving average, where the run keeps one.</param>
    /// <param name="best">The best epoch's weights, where the run keeps them.</param>
    /// <exception cref="InUseException">Another run holds the file.</exception>
    public Checkpoint(
        string path,
        TrainingOptions options,
        DataSet data,
        nn.Module<Tensor, Tensor> model,
        RunningOptimizer optimizer,
        WeightAverage? average = null,
        BestWeights? best = null
    )
    {
        (_path, _model, _optimizer, _average, _best) = (path, model, optimizer, average, best);
        _run = RunDescription.Of(options, data, model);
        _lock = WriterLock.ForFile(path);
    }

    /// <summary>Gives the file up to other runs.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>Writes the run beside the file and renames it into place: there is always one whole checkpoint.</summary>
    public void Save(IReadOnlyList<double> losses, IReadOnlyList<EpochRecord> epochs)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors = State();
        tensors.Add(LossesName, tensor([.. losses]));
        Safetensors.Save(
            tensors,
            _path,
            new Dictionary<string, string>
            {
                [RunKey] = JsonSerializer.Serialize(_run),
                [EpochsKey] = JsonSerializer.Serialize(epochs, Json),
            }
        );
    }

    /// <summary>Brings network and optimizer to where the file left them; nothing happens when there is no file.</summary>
    /// <param name="losses">Gets the loss of every step.</param>
    /// <param name="epochs">Gets the finished epochs.</param>
    /// <exception cref="InvalidDataException">The file is damaged or belongs to another run. Nothing was changed.</exception>
    public void Restore(List<double> losses, List<EpochRecord> epochs)
    {
        if (!File.Exists(_path))
        {
            return;
        }

        using TensorFile saved = Safetensors.Open(_path);
        CheckRun(Read<Dictionary<string, string>>(saved.Metadata, RunKey));
        List<EpochRecord> finished = Read<List<EpochRecord>>(saved.Metadata, EpochsKey);
        Dictionary<string, Tensor> file = saved.ReadAll(),
            state = State();
        try
        {
            double[] steps = CheckTensors(file, state, finished);
            using IDisposable noGradients = no_grad();
            foreach ((string name, Tensor value) in state)
            {
                value.copy_(file[name]);
            }

            _optimizer.Steps = steps.Length;
            losses.AddRange(steps);
            epochs.AddRange(finished);
        }
        finally
        {
            foreach (Tensor tensor in file.Values)
            {
                tensor.Dispose();
            }
        }
    }

    /// <summary>Everything that training changes, by name: the living tensors themselves.</summary>
    private Dictionary<string, Tensor> State()
    {
        Dictionary<string, Tensor> tensors = _model
            .state_dict()
            .ToDictionary(entry => $"model/{entry.Key}", entry => entry.Value);
        foreach ((string kind, Tensor[] state) in _optimizer.State)
        {
            foreach ((Tensor tensor, string name) in state.Zip(_model.named_parameters().Select(p => p.name)))
            {
                tensors.Add($"{kind}/{name}", tensor);
            }
        }

        foreach ((string name, Tensor tensor) in _average?.State ?? [])
        {
            tensors.Add($"average/{name}", tensor);
        }

        foreach ((string name, Tensor tensor) in _best?.State ?? new Dictionary<string, Tensor>())
        {
            tensors.Add($"best/{name}", tensor);
        }

        return tensors;
    }

    private void CheckRun(Dictionary<string, string> there)
    {
        string[] differences =
        [
            .. from name in _run.Keys.Union(there.Keys)
            let mine = _run.GetValueOrDefault(name, "none")
            let other = there.GetValueOrDefault(name, "none")
            where mine != other
            select $"{Excerpt.Of(name)} ({Excerpt.Of(other, LongestShown)} there, {Excerpt.Of(mine, LongestShown)} here)",
        ];
        if (differences.Length > 0)
        {
            throw new InvalidDataException(
                $"{_path} belongs to another run; nothing was changed. It differs in "
                    + $"{string.Join(", ", differences.Take(20))}. Go on with what it was begun with, or name another file."
            );
        }
    }

    private double[] CheckTensors(Dictionary<string, Tensor> file, Dictionary<string, Tensor> state, List<EpochRecord> finished)
    {
        if (!file.Remove(LossesName, out Tensor? losses))
        {
            throw Broken($"it has no tensor '{LossesName}'");
        }

        using (losses)
        {
            string[] wrong =
            [
                .. file
                    .Keys.Union(state.Keys)
                    .Where(name =>
                        !file.TryGetValue(name, out Tensor? there)
                        || !state.TryGetValue(name, out Tensor? here)
                        || there.dtype != here.dtype
                        || !there.shape.SequenceEqual(here.shape)
                    ),
            ];
            if (wrong.Length > 0)
            {
                throw new InvalidDataException(
                    $"{_path} does not fit {_model.GetName()}; nothing was changed. Missing, unexpected or of another shape: "
                        + $"{Excerpt.Of(wrong)}."
                );
            }

            if (
                losses.dtype != ScalarType.Float64
                || losses.dim() != 1
                || finished.Count == 0
                || losses.shape[0] % finished.Count != 0
                || !finished.Select(epoch => epoch?.Epoch).SequenceEqual(Enumerable.Range(1, finished.Count).Select(n => (int?)n))
            )
            {
                throw Broken("its epochs and losses do not go together");
            }

            return losses.data<double>().ToArray();
        }
    }

    private T Read<T>(IReadOnlyDictionary<string, string> texts, string key)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(texts.GetValueOrDefault(key) ?? throw Broken($"it has no text '{key}'"), Json)
                ?? throw Broken($"its text '{key}' is empty");
        }
        catch (JsonException e)
        {
            throw Broken($"its text '{key}' cannot be read", e);
        }
    }

    private InvalidDataException Broken(string what, Exception? inner = null) =>
        new($"{_path} is not a checkpoint of a training run, or is damaged: {what}.", inner);
}

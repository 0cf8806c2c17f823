using System.Diagnostics;
using System.Runtime.CompilerServices;
using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>One run of a <see cref="Trainer"/>, from its first step, or from where its checkpoint left it, to its last.</summary>
internal sealed class TrainingRun : IDisposable
{
    /// <summary>How many epochs this process has trained each network for.</summary>
    private static readonly ConditionalWeakTable<nn.Module, StrongBox<int>> Trained = [];

    private readonly Trainer _trainer;
    private readonly TrainingOptions _options;
    private readonly nn.Module<Tensor, Tensor> _model;
    private readonly DataSet _data;
    private readonly LabeledImages? _validation;
    private readonly Action<TrainingProgress>? _progress;
    private readonly CancellationToken _cancellation;

    private readonly ModuleModes _modes;
    private readonly Batches _batches;
    private readonly RunningOptimizer _optimizer;
    private readonly WeightAverage? _average;
    private readonly BestWeights? _best;
    private readonly Checkpoint? _checkpoint;

    private readonly List<double> _losses = [];
    private readonly List<EpochRecord> _epochs = [];
    private readonly List<string> _notes = [];
    private readonly TrainingHistory _history;
    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private int _resumedSteps;
    private bool _singlesChecked;

    /// <summary>Prepares a run whose arguments have been checked; a checkpoint is not read yet.</summary>
    /// <exception cref="InUseException">Another run writes to the checkpoint.</exception>
    public TrainingRun(
        Trainer trainer,
        TrainingOptions options,
        nn.Module<Tensor, Tensor> model,
        DataSet data,
        Action<TrainingProgress>? progress,
        CancellationToken cancellation
    )
    {
        (_trainer, _options, _model, _data, _progress, _cancellation) = (trainer, options, model, data, progress, cancellation);
        _modes = new ModuleModes(model).ForTraining();
        model.to(trainer.Device);
        (LabeledImages train, _validation) =
            options.ValidationFraction > 0
                ? data.Train.SplitOff(options.ValidationFraction, options.Seed)
                : (data.Train, data.Validation);
        _batches = new Batches(
            train,
            data.Normalization,
            options.BatchSize,
            options.Augmentation,
            shuffle: true,
            options.Seed,
            trainer.Device
        )
        {
            JoinsSingle = _modes.TrainsStatistics,
        };
        if (model is IDataDependentStart { HasStarted: false } fresh)
        {
            fresh.StartFrom(train, data.Normalization);
        }

        _optimizer = options.Optimizer.Start(Weight.Of(model), options.LearningRate, options.BatchSize);
        _average = options.AverageDecay is { } decay ? new WeightAverage(model, decay) : null;
        _best = options.RestoreBest ? new BestWeights(model) : null;
        _history = new TrainingHistory(_losses, _epochs, Cancelled: false, trainer.Device.ToString()) { Notes = _notes };
        try
        {
            _checkpoint = options.CheckpointFile is { } file
                ? new Checkpoint(file, options, data, model, _optimizer, _average, _best)
                : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Steps of the whole run.</summary>
    private long Steps => (long)_options.Epochs * _batches.Count;

    /// <summary>Whether <see cref="TrainingOptions.StopAfter"/> epochs have passed since the best one.</summary>
    private bool HasStalled => _epochs.Count > 0 && _epochs.Count - _history.Best.Epoch >= _options.StopAfter;

    /// <summary>Trains, and leaves the network in eval mode.</summary>
    /// <param name="startNote">What the history says of the weights that the run begins with; null for what is known of
    /// them.</param>
    public TrainingHistory Train(string? startNote)
    {
        Resume();
        NoteTheStart(startNote);
        try
        {
            while (_epochs.Count < _options.Epochs && !HasStalled)
            {
                Epoch(_epochs.Count + 1);
            }

            NoteTheEnd();
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            return _history with { Cancelled = true };
        }
        finally
        {
            LeaveResult();
            _model.eval();
        }

        return _history;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _checkpoint?.Dispose();
        _best?.Dispose();
        _average?.Dispose();
        _optimizer.Dispose();
    }

    private void Resume()
    {
        _checkpoint?.Restore(_losses, _epochs);
        _resumedSteps = _losses.Count;
        if (_epochs.Count > _options.Epochs)
        {
            throw new ArgumentException(
                $"{_options.CheckpointFile} has {_epochs.Count} epochs already: ask for at least as many, not {_options.Epochs}."
            );
        }
    }

    private void NoteTheStart(string? startNote)
    {
        bool resumes = _epochs.Count > 0;
        if (!resumes && (startNote ?? EarlierTraining()) is { } note)
        {
            _notes.Add(note);
        }

        if (_batches.HasJoined)
        {
            _notes.Add(
                $"The last batch of each epoch has {_options.BatchSize + 1} pictures: BatchNorm cannot learn from the one that "
                    + "would be left over."
            );
        }
    }

    private string? EarlierTraining() =>
        Trained.TryGetValue(_model, out StrongBox<int>? epochs)
            ? $"{_model.GetName()} was trained for {epochs.Value} {(epochs.Value == 1 ? "epoch" : "epochs")} before: this run "
                + "goes on from the trained weights. Build the network anew to begin again."
            : null;

    /// <summary>Trains, tests, reports and keeps one epoch.</summary>
    private void Epoch(int epoch)
    {
        // No picture has the index −2: what dropout draws is another stream than orders (−1) and augmentation.
        random.manual_seed((long)new RandomStream(_options.Seed, epoch, -2).NextBits());
        var pass = new Pass(epoch, Stopwatch.StartNew());
        TrainPass(pass);
        _average?.Swap();
        try
        {
            _epochs.Add(Test(pass));
            Trained.GetValue(_model, _ => new StrongBox<int>()).Value++;
            if (_history.Best.Epoch == epoch)
            {
                _best?.Keep();
            }

            Report(pass, _epochs[^1]);
        }
        finally
        {
            _average?.Swap();
        }

        _checkpoint?.Save(_losses, _epochs);
        NativeHeap.Tidy();
    }

    private void TrainPass(Pass pass)
    {
        _modes.Restore();
        using MixedPrecision? mixed =
            _trainer.UsesMixedPrecision && MixedPrecision.Fits(_model) ? new MixedPrecision(_model) : null;
        _optimizer.Weights = mixed?.Weights ?? Weight.Of(_model);
        ScalarType precision = mixed is null ? ScalarType.Float32 : ScalarType.BFloat16;
        double[] watched = [.. _epochs.Select(epoch => epoch.ValidationLoss ?? epoch.TestLoss)];
        foreach (Batch batch in _batches.Epoch(pass.Epoch))
        {
            using (batch)
            {
                _cancellation.ThrowIfCancellationRequested();
                _optimizer.LearningRate = _options.Schedule.Rate(
                    _options.LearningRate,
                    new SchedulePoint(_losses.Count, Steps, _batches.Count, watched)
                );
                Step(pass, batch, precision);
                Report(pass);
            }
        }
    }

    private void Step(Pass pass, Batch batch, ScalarType precision)
    {
        TrainingStep step = TrainingStep.Take(_model, _optimizer, batch, _options, precision, _data.ClassNames.Count);
        if (batch.Count == 1 && !_singlesChecked)
        {
            CheckStatistics();
            _singlesChecked = true;
        }

        if (!double.IsFinite(step.Loss))
        {
            throw new TrainingDivergedException(step.Loss, pass.Epoch, pass.Steps + 1, _optimizer.LearningRate, _history);
        }

        _average?.Update(_optimizer.Weights, isFirst: _losses.Count == 0);
        _losses.Add(step.Loss);
        pass.Add(step, batch.Count);
    }

    private EpochRecord Test(Pass pass)
    {
        Evaluation? validated = _validation is null ? null : Evaluate(_validation);
        Evaluation tested = Evaluate(_data.Test);
        TrainingDivergedException.ThrowIfDiverged(
            "validation",
            validated?.Loss ?? 0,
            pass.Epoch,
            _optimizer.LearningRate,
            _history
        );
        TrainingDivergedException.ThrowIfDiverged("test", tested.Loss, pass.Epoch, _optimizer.LearningRate, _history);
        return new EpochRecord(
            pass.Epoch,
            pass.Loss,
            pass.Accuracy,
            tested.Loss,
            tested.Accuracy,
            validated?.Loss,
            validated?.Accuracy,
            _optimizer.LearningRate,
            pass.Clock.Elapsed,
            pass.ImagesPerSecond
        );
    }

    private Evaluation Evaluate(LabeledImages images) =>
        Evaluation.Of(
            _model,
            images,
            _data.Normalization,
            _options.BatchSize,
            _trainer.Device,
            _options.TestTimeFlipping,
            cancellationToken: _cancellation
        );

    private void Report(Pass pass, EpochRecord? finished = null) =>
        _progress?.Invoke(
            new TrainingProgress(
                pass.Epoch,
                _options.Epochs,
                pass.Steps,
                _batches.Count,
                _losses.Count,
                _losses[^1],
                pass.Loss,
                pass.Accuracy,
                pass.ImagesPerSecond,
                _elapsed.Elapsed * ((double)(Steps - _losses.Count) / (_losses.Count - _resumedSteps)),
                finished,
                _history
            )
            {
                LearningRate = _optimizer.LearningRate,
            }
        );

    private void NoteTheEnd()
    {
        if (_epochs.Count < _options.Epochs)
        {
            _notes.Add(
                $"Stopped after epoch {_epochs.Count}: the accuracy has not improved for {_options.StopAfter} "
                    + $"{(_options.StopAfter == 1 ? "epoch" : "epochs")}."
            );
        }

        if (_best is not null && _history.Best != _history.Last)
        {
            _notes.Add($"The network has the weights of epoch {_history.Best.Epoch}, the best of {_epochs.Count}.");
        }
    }

    /// <summary>Puts into the network what the run leaves: the best weights, the averaged ones, or the last ones.</summary>
    private void LeaveResult()
    {
        if (_best is not null && _epochs.Count > 0)
        {
            _best.Restore();
        }
        else if (_losses.Count > 0)
        {
            _average?.Swap();
        }
    }

    /// <summary>
    /// A batch of one picture leaves NaN in running statistics where a channel has one value: PyTorch refuses it, TorchSharp does
    /// not.
    /// </summary>
    private void CheckStatistics()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Tensor buffer) in _model.named_buffers())
        {
            if (buffer.is_floating_point() && !buffer.isfinite().all().item<bool>())
            {
                throw new InvalidOperationException(
                    $"'{name}' of {_model.GetName()} is not finite any more: BatchNorm got a single value for each channel, from "
                        + "a batch of one picture. Use larger batches, or more pictures where there is only one."
                );
            }
        }
    }

    /// <summary>The training pictures of one epoch so far.</summary>
    private sealed class Pass(int epoch, Stopwatch clock)
    {
        private double _totalLoss;
        private int _right,
            _seen;

        public int Epoch => epoch;

        public Stopwatch Clock => clock;

        public int Steps { get; private set; }

        public double Loss => _totalLoss / _seen;

        public double Accuracy => (double)_right / _seen;

        public double ImagesPerSecond { get; private set; }

        public void Add(TrainingStep step, int pictures)
        {
            Steps++;
            _totalLoss += step.Loss * pictures;
            _right += step.Right;
            _seen += pictures;
            ImagesPerSecond = _seen / clock.Elapsed.TotalSeconds;
        }
    }
}

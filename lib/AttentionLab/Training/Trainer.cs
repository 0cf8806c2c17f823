using System.Diagnostics;
using AttentionLab.Core;
using AttentionLab.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// The tutorial's training loop with its defects repaired: cross-entropy, Adam, a learning rate that is halved when the loss
/// stays on a plateau, a test after every epoch. Train mode is set at the start of every epoch (the tutorial forgets it after the
/// first), means weigh every picture alike, and one seed makes a run repeatable.
/// </summary>
/// <remarks>
/// Layers that were frozen with <c>eval()</c> stay in eval mode, and their running statistics as they are. Where the whole
/// network is in eval mode, as after a training, that holds for layers none of whose weights requires a gradient. A single
/// picture that the last batch of an epoch would hold joins the batch before it where BatchNorm learns, which cannot learn from
/// one value for each channel; <see cref="TrainingHistory.Notes"/> says so.
/// </remarks>
public sealed class Trainer
{
    private readonly TrainingOptions _options;

    /// <summary>Prepares to train.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message names it.</exception>
    public Trainer(TrainingOptions? options = null)
    {
        _options = options ?? new TrainingOptions();
        _options.Check();
        Device = _options.Device ?? (cuda.is_available() ? CUDA : CPU);
        UsesMixedPrecision = _options.MixedPrecision && Device.type == DeviceType.CPU && MixedPrecision.IsFast;
        string kept = NativeHeap.KeepFreedMemory() ? ", buffers kept for the next step" : "";
        Setup =
            Device.type == DeviceType.CPU
                ? $"{Device}, {get_num_threads()} {(get_num_threads() == 1 ? "thread" : "threads")}, "
                    + $"{(UsesMixedPrecision ? "mixed precision (bfloat16 and float32)" : "float32")}{kept}"
                : $"{Device}, float32";
    }

    /// <summary>Where it trains.</summary>
    public Device Device { get; }

    /// <summary>How it trains, in a line to print once: device, threads, numbers, memory.</summary>
    public string Setup { get; }

    /// <summary>
    /// Whether networks that allow it learn in mixed precision: it was asked for, and this machine's processor has it.
    /// </summary>
    public bool UsesMixedPrecision { get; }

    /// <summary>
    /// Trains a network, which is changed in place, moved to <see cref="Device"/> and left in eval mode. Seeds torch's global
    /// generator, from which dropout draws, anew for every epoch. With a checkpoint file a run that was stopped goes on after its
    /// last whole epoch, and ends as one that was not stopped, to the bit.
    /// </summary>
    /// <param name="model">N×3×H×W to logits N×classes.</param>
    /// <param name="data">What to learn and to be tested on.</param>
    /// <param name="progress">Called on the caller's thread after every batch, and after every epoch's test, before its
    /// checkpoint is written.</param>
    /// <param name="cancellationToken">Stops at the next batch's edge; the history so far is returned.</param>
    /// <exception cref="ArgumentException">
    /// A split is empty, a validation part is asked for where the set has its own, the network has nothing to train, or the
    /// checkpoint has more epochs than are asked for.
    /// </exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged, or of another network, data set or options; nothing was
    /// changed.</exception>
    /// <exception cref="InUseException">Another run writes to the checkpoint; the message says which process and since when.
    /// Nothing was changed.</exception>
    /// <exception cref="IOException">The checkpoint cannot be written.</exception>
    /// <exception cref="InvalidOperationException">
    /// The network cannot take the pictures, does not put out a number for each class (one logit will not do), computes without
    /// gradients, or its BatchNorm gets a single value for each channel.
    /// </exception>
    /// <exception cref="TrainingDivergedException">The loss is infinite or NaN.</exception>
    public TrainingHistory Fit(
        nn.Module<Tensor, Tensor> model,
        DataSet data,
        Action<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        if (data.Train.Count == 0 || data.Test.Count == 0)
        {
            throw new ArgumentException(
                $"{data.Name} has {data.Train.Count} training and {data.Test.Count} test pictures: both are needed.",
                nameof(data)
            );
        }

        CheckLearns(model);
        ModuleModes modes = new ModuleModes(model).ForTraining();
        model.to(Device);
        if (_options.ValidationFraction > 0 && data.Validation is not null)
        {
            throw new ArgumentException(
                $"{data.Name} has {data.Validation.Count} validation pictures of its own: leave "
                    + $"{nameof(_options.ValidationFraction)} at 0.",
                nameof(data)
            );
        }

        (LabeledImages train, LabeledImages? validation) =
            _options.ValidationFraction > 0
                ? data.Train.SplitOff(_options.ValidationFraction, _options.Seed)
                : (data.Train, data.Validation);
        var batches = new Batches(
            train,
            data.Normalization,
            _options.BatchSize,
            _options.Augmentation,
            shuffle: true,
            _options.Seed,
            Device
        )
        {
            JoinsSingle = modes.TrainsStatistics,
        };
        using var adam = new Adam(Weight.Of(model), _options.LearningRate);
        var schedule = new PlateauSchedule(_options.PlateauFactor, _options.PlateauPatience);

        var losses = new List<double>();
        var epochs = new List<EpochRecord>();
        using Checkpoint? checkpoint = _options.CheckpointFile is { } file
            ? new Checkpoint(file, _options, data, model, adam)
            : null;
        Resume(checkpoint, adam, schedule, losses, epochs);
        int resumed = losses.Count;
        var history = new TrainingHistory(losses, epochs, Cancelled: false, Device.ToString())
        {
            Notes = batches.HasJoined
                ?
                [
                    $"The last batch of each epoch has {_options.BatchSize + 1} pictures: BatchNorm cannot learn from the one "
                        + "that would be left over.",
                ]
                : [],
        };
        bool singlesChecked = false;
        var run = Stopwatch.StartNew();
        try
        {
            for (int epoch = epochs.Count + 1; epoch <= _options.Epochs; epoch++)
            {
                // No picture has the index −2: what dropout draws is another stream than orders (−1) and augmentation.
                random.manual_seed((long)new RandomStream(_options.Seed, epoch, -2).NextBits());
                var clock = Stopwatch.StartNew();
                double learningRate = adam.LearningRate;
                double totalLoss = 0;
                int right = 0,
                    seen = 0,
                    step = 0;
                double imagesPerSecond = 0;
                TrainingProgress Report(EpochRecord? finished = null) =>
                    new(
                        epoch,
                        _options.Epochs,
                        step,
                        batches.Count,
                        losses.Count,
                        losses[^1],
                        totalLoss / seen,
                        (double)right / seen,
                        imagesPerSecond,
                        run.Elapsed * ((((double)_options.Epochs * batches.Count) - losses.Count) / (losses.Count - resumed)),
                        finished,
                        history
                    );

                modes.Restore();
                using (
                    MixedPrecision? mixed = UsesMixedPrecision && MixedPrecision.Fits(model) ? new MixedPrecision(model) : null
                )
                {
                    adam.Weights = mixed?.Weights ?? Weight.Of(model);
                    foreach (Batch batch in batches.Epoch(epoch))
                    {
                        using (batch)
                        {
                            cancellationToken.ThrowIfCancellationRequested();
                            step++;
                            (double loss, int hits) = Step(
                                model,
                                adam,
                                batch,
                                mixed is null ? ScalarType.Float32 : ScalarType.BFloat16,
                                train.ClassNames.Count
                            );
                            if (batch.Count == 1 && !singlesChecked)
                            {
                                CheckStatistics(model);
                                singlesChecked = true;
                            }

                            if (!double.IsFinite(loss))
                            {
                                throw new TrainingDivergedException(loss, epoch, step, learningRate, history);
                            }

                            losses.Add(loss);
                            totalLoss += loss * batch.Count;
                            right += hits;
                            seen += batch.Count;
                            imagesPerSecond = seen / clock.Elapsed.TotalSeconds;
                            progress?.Invoke(Report());
                        }
                    }
                }

                Evaluation? judged = validation is null ? null : Evaluate(model, validation, data, cancellationToken);
                Evaluation tested = Evaluate(model, data.Test, data, cancellationToken);
                TrainingDivergedException.ThrowIfDiverged("validation", judged?.Loss ?? 0, epoch, learningRate, history);
                TrainingDivergedException.ThrowIfDiverged("test", tested.Loss, epoch, learningRate, history);
                adam.LearningRate = schedule.Next(learningRate, judged?.Loss ?? tested.Loss);
                epochs.Add(
                    new EpochRecord(
                        epoch,
                        totalLoss / seen,
                        (double)right / seen,
                        tested.Loss,
                        tested.Accuracy,
                        judged?.Loss,
                        judged?.Accuracy,
                        learningRate,
                        clock.Elapsed,
                        imagesPerSecond
                    )
                );
                progress?.Invoke(Report(epochs[^1]));
                checkpoint?.Save(losses, epochs);
                NativeHeap.Tidy();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return history with { Cancelled = true };
        }
        finally
        {
            model.eval();
        }

        return history;
    }

    private static void CheckLearns(nn.Module model)
    {
        int weights = model.parameters().Count();
        if (model.parameters().All(weight => !weight.requires_grad))
        {
            throw new ArgumentException(
                weights == 0
                    ? $"{model.GetName()} has no weights: there is nothing to train. Are its layers fields, and does its "
                        + "constructor call RegisterComponents()?"
                    : $"All {weights} weights of {model.GetName()} are frozen: there is nothing to train. Set requires_grad of "
                        + "those that shall learn.",
                nameof(model)
            );
        }
    }

    /// <summary>
    /// A batch of one picture leaves NaN in running statistics where a channel has one value: PyTorch refuses it, TorchSharp does
    /// not.
    /// </summary>
    private static void CheckStatistics(nn.Module model)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Tensor buffer) in model.named_buffers())
        {
            if (buffer.is_floating_point() && !buffer.isfinite().all().item<bool>())
            {
                throw new InvalidOperationException(
                    $"'{name}' of {model.GetName()} is not finite any more: BatchNorm got a single value for each channel, of "
                        + "a batch of one picture. Take larger batches, or more pictures where there is one only."
                );
            }
        }
    }

    /// <summary>Where a checkpoint left a run. The learning rate's schedule is what the epochs' losses make of it.</summary>
    private void Resume(
        Checkpoint? checkpoint,
        Adam adam,
        PlateauSchedule schedule,
        List<double> losses,
        List<EpochRecord> epochs
    )
    {
        checkpoint?.Restore(losses, epochs);
        if (epochs.Count > _options.Epochs)
        {
            throw new ArgumentException(
                $"{_options.CheckpointFile} has {epochs.Count} epochs already: ask for at least as many, not {_options.Epochs}."
            );
        }

        foreach (EpochRecord epoch in epochs)
        {
            adam.LearningRate = schedule.Next(adam.LearningRate, epoch.ValidationLoss ?? epoch.TestLoss);
        }
    }

    /// <summary>One step of gradient descent; none when the loss is not finite, so that the weights stay sound.</summary>
    internal static (double Loss, int Right) Step(
        nn.Module<Tensor, Tensor> model,
        Adam adam,
        Batch batch,
        ScalarType precision,
        int classes = 1
    )
    {
        using DisposeScope scope = NewDisposeScope();
        adam.ZeroGradients();
        Tensor logits = Logits.Of(model, batch.Images.to(precision), classes).to(ScalarType.Float32);
        Tensor loss = nn.functional.cross_entropy(logits, batch.Labels);
        if (!loss.requires_grad)
        {
            throw new InvalidOperationException(
                $"What {model.GetName()} puts out does not depend on a weight that learns: it computes without gradients "
                    + "(no_grad, detach), or only weights that it does not use may learn."
            );
        }

        double value = loss.item<float>();
        if (double.IsFinite(value))
        {
            loss.backward();
            adam.Step();
        }

        return (value, (int)(logits.argmax(1) == batch.Labels).sum().item<long>());
    }

    private Evaluation Evaluate(
        nn.Module<Tensor, Tensor> model,
        LabeledImages images,
        DataSet data,
        CancellationToken cancellationToken
    ) => Evaluation.Of(model, images, data.Normalization, _options.BatchSize, Device, cancellationToken);
}

using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// Trains a network by gradient descent on the cross-entropy, with a test after every epoch. Without options it is the tutorial's
/// training loop with its defects repaired: train mode is set at the start of every epoch (the tutorial forgets it after the
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
        UsesMixedPrecision = _options.MixedPrecision && MixedPrecision.PaysOn(Device);
        string kept = NativeHeap.KeepFreedMemory() ? ", buffers kept for the next step" : "";
        string numbers = UsesMixedPrecision ? "mixed precision (bfloat16 and float32)" : "float32";
        Setup =
            Device.type == DeviceType.CPU
                ? $"{Device}, {get_num_threads()} {(get_num_threads() == 1 ? "thread" : "threads")}, {numbers}{kept}"
                : $"{Device}, {numbers}";
    }

    /// <summary>Where it trains.</summary>
    public Device Device { get; }

    /// <summary>How it trains, in a line to print once: device, threads, numbers, memory.</summary>
    public string Setup { get; }

    /// <summary>
    /// Whether networks that allow it learn in mixed precision: it was asked for, and the processor or the card has it.
    /// </summary>
    public bool UsesMixedPrecision { get; }

    /// <summary>
    /// Trains a network, which is changed in place, moved to <see cref="Device"/> and left in eval mode. Seeds torch's global
    /// generator, from which dropout and mixing draw, anew for every epoch. With a checkpoint file a run that was stopped is
    /// resumed after its last whole epoch, and ends as one that was not stopped, to the bit. A network that was trained before
    /// goes on from its weights; <see cref="TrainingHistory.Notes"/> says so.
    /// </summary>
    /// <param name="model">N×C×H×W to logits N×classes.</param>
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
    /// The network cannot take the pictures, does not output a number for each class (one logit will not do), computes without
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
        return Fit(model, data, progress, startNote: null, cancellationToken);
    }

    /// <summary>
    /// Goes on training a network that was loaded, from its weights; they are changed in place. The pictures become its input by
    /// its preprocessing, whatever the set says. <see cref="TrainedNetwork.ForClasses"/> and <see cref="DataSet.At"/> bring a
    /// network and a set of other classes and sizes together.
    /// </summary>
    /// <param name="network">As <see cref="TrainedNetwork.Load(string, string?, Device?, IReadOnlyList{string}?,
    /// Preprocessing?)"/> gives it.</param>
    /// <param name="data">Of the network's classes, in its order, with pictures of its size.</param>
    /// <param name="progress">Called after every batch and every epoch.</param>
    /// <param name="cancellationToken">Stops at the next batch's edge; the history so far is returned.</param>
    /// <exception cref="ArgumentException">The set has other classes, or pictures of another size.</exception>
    /// <inheritdoc cref="Fit(nn.Module{Tensor, Tensor}, DataSet, Action{TrainingProgress}, CancellationToken)"
    /// path="/exception"/>
    public TrainingHistory Fit(
        TrainedNetwork network,
        DataSet data,
        Action<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        CheckFits(network, data);
        (nn.Module<Tensor, Tensor> model, Normalization normalization) = network.Preprocessing.ToNormalization() is { } byChannel
            ? (network.Module, byChannel)
            : ConvertedInput.Of(network);
        return Fit(
            model,
            data with
            {
                Normalization = normalization,
            },
            progress,
            "Training goes on from the weights of a trained network.",
            cancellationToken
        );
    }

    private TrainingHistory Fit(
        nn.Module<Tensor, Tensor> model,
        DataSet data,
        Action<TrainingProgress>? progress,
        string? startNote,
        CancellationToken cancellationToken
    )
    {
        Check(data);
        CheckLearns(model);
        using var run = new TrainingRun(this, _options, model, data, progress, cancellationToken);
        return run.Train(startNote);
    }

    private void Check(DataSet data)
    {
        if (data.Train.Count == 0 || data.Test.Count == 0)
        {
            throw new ArgumentException(
                $"{data.Name} has {data.Train.Count} training and {data.Test.Count} test pictures: both are needed.",
                nameof(data)
            );
        }

        if (_options.ValidationFraction > 0 && data.Validation is not null)
        {
            throw new ArgumentException(
                $"{data.Name} has {data.Validation.Count} validation pictures of its own: leave "
                    + $"{nameof(_options.ValidationFraction)} at 0.",
                nameof(data)
            );
        }
    }

    private static void CheckFits(TrainedNetwork network, DataSet data)
    {
        bool sameClasses = network.HasClassNames
            ? network.ClassNames.SequenceEqual(data.ClassNames)
            : network.ClassNames.Count == data.ClassNames.Count;
        if (!sameClasses)
        {
            throw new ArgumentException(
                $"The network tells {Excerpt.Of(network.ClassNames)} apart, and {data.Name} has "
                    + $"{Excerpt.Of(data.ClassNames)}: training goes on with the same classes in the same order.",
                nameof(data)
            );
        }

        if (network.Preprocessing.Channels != data.Train.Channels)
        {
            throw new ArgumentException(
                $"The network takes pictures N×{network.Preprocessing.Channels}×H×W, and those of {data.Name} are "
                    + $"N×{data.Train.Channels}×H×W: {nameof(DataSet)}.{nameof(DataSet.At)} converts them.",
                nameof(data)
            );
        }

        if (
            network.Preprocessing is { Height: { } height, Width: { } width }
            && (height, width) != (data.Train.Height, data.Train.Width)
        )
        {
            throw new ArgumentException(
                $"The network takes pictures of {height}×{width} pixels, and those of {data.Name} have "
                    + $"{data.Train.Height}×{data.Train.Width}.",
                nameof(data)
            );
        }
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
}

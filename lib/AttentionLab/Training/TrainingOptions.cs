using AttentionLab.Core;
using AttentionLab.Data;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>How to train. The defaults are the tutorial's.</summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the training pictures.</summary>
    public int Epochs { get; init; } = 50;

    /// <summary>Pictures in a step.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Adam's learning rate at the start.</summary>
    public double LearningRate { get; init; } = 0.001;

    /// <summary>Epochs without a better loss after which the learning rate is cut.</summary>
    public int PlateauPatience { get; init; } = 3;

    /// <summary>What the learning rate is multiplied by when it is cut, in (0, 1).</summary>
    public double PlateauFactor { get; init; } = 0.5;

    /// <summary>
    /// The part of the training pictures, in [0, 1), that is kept back to judge by. The tutorial has none (0): there the test
    /// loss steers the learning rate, so the test pictures take part in training, and the accuracy on them flatters. With a part
    /// of 0.1, say, its loss steers instead, the best epoch can be chosen by it, and the test accuracy is an honest estimate. A
    /// set with validation pictures of its own needs none.
    /// </summary>
    public double ValidationFraction { get; init; }

    /// <summary>How training pictures are varied; null for not at all.</summary>
    public Augmentation? Augmentation { get; init; } = Augmentation.Tutorial;

    /// <summary>
    /// Decides order, augmentation, validation part and dropout: one seed, one result to the bit on one machine.
    /// </summary>
    public long Seed { get; init; }

    /// <summary>Where to compute; null takes CUDA when there is a card, else the CPU.</summary>
    public Device? Device { get; init; }

    /// <summary>
    /// Whether convolutions and linear layers may compute in bfloat16 while they learn, their weights being kept in float32:
    /// about half as long again as fast on a processor with AVX512-BF16. Off without such a processor, on a graphics card, and
    /// for a network with weights in other layers than these and batch normalisation. Between batches the network then holds
    /// rounded weights, and its <c>Parameter</c> objects are replaced; after an epoch it is in float32 again.
    /// </summary>
    public bool MixedPrecision { get; init; }

    /// <summary>
    /// Where the run is kept after every epoch, in one file, about three times as large as the weights; null for nowhere. When
    /// the file is there, the run goes on from it: network, data and options must be the same, only <see cref="Epochs"/> may
    /// grow. One run at a time writes to it: a second one is refused (<see cref="InUseException"/>) for as long as the first one
    /// lasts.
    /// </summary>
    public string? CheckpointFile { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Epochs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchSize);
        ArgumentOutOfRangeException.ThrowIfNegative(PlateauPatience);
        CheckRange(LearningRate > 0 && double.IsFinite(LearningRate), LearningRate, nameof(LearningRate), "is a positive number");
        CheckRange(PlateauFactor is > 0 and < 1, PlateauFactor, nameof(PlateauFactor), "lies strictly between 0 and 1");
        CheckRange(
            ValidationFraction is >= 0 and < 1,
            ValidationFraction,
            nameof(ValidationFraction),
            "lies between 0 and 1, without 1"
        );
    }

    private static void CheckRange(bool holds, double value, string name, string rule)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} {rule}.");
        }
    }
}

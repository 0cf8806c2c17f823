using AttentionLab.Core;
using AttentionLab.Data;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>How to train. The defaults are the tutorial's; <see cref="Fast"/> reaches its accuracy in fewer epochs.</summary>
public sealed record TrainingOptions
{
    /// <summary>The tutorial's way: Adam, halved on a plateau, strong augmentation, 50 epochs. The same as the
    /// defaults.</summary>
    public static TrainingOptions Tutorial { get; } = new();

    /// <summary>
    /// The tutorial's networks in an eighth of the epochs: AdamW with batches of 64, a learning rate that rises to 0.003 for a
    /// quarter of the steps and then falls to 0, label smoothing, pictures that are only shifted by up to 2 pixels and flipped in
    /// every second epoch, tests with both sides.
    /// </summary>
    public static TrainingOptions Fast { get; } =
        new()
        {
            Epochs = 8,
            BatchSize = 64,
            LearningRate = 0.003,
            Optimizer = new AdamW(),
            Schedule = new OneCycle(),
            LabelSmoothing = 0.1,
            Augmentation = new Augmentation(new RandomCrop(padding: 2) { Reflect = true }, new AlternatingFlip()),
            TestTimeFlipping = true,
        };

    /// <summary>
    /// For <see cref="Models.FastResNet"/> and CIFAR-10: <see cref="Muon"/> with batches of 2,000, a learning rate that falls to
    /// 0 in a straight line, strong label smoothing, pictures shifted by up to 2 pixels and flipped in every second epoch, tests
    /// with both sides.
    /// </summary>
    /// <remarks>After Jordan's airbench94_muon, 2024, with two epochs more.</remarks>
    public static TrainingOptions FastResNet { get; } =
        new()
        {
            Epochs = 10,
            BatchSize = 2_000,
            LearningRate = 0.24,
            Optimizer = new Muon(),
            Schedule = new LinearDecay(),
            LabelSmoothing = 0.2,
            Augmentation = new Augmentation(new RandomCrop(padding: 2) { Reflect = true }, new AlternatingFlip()),
            TestTimeFlipping = true,
        };

    /// <summary>Passes over the training pictures, at least 1.</summary>
    public int Epochs { get; init; } = 50;

    /// <summary>Pictures in a step, at least 1.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The highest learning rate of the schedule, positive.</summary>
    public double LearningRate { get; init; } = 0.001;

    /// <summary>The rule by which gradients move the weights.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>How the learning rate changes in the course of the run.</summary>
    public LearningRateSchedule Schedule { get; init; } = new ReduceOnPlateau();

    /// <summary>
    /// ε, in [0, 1): the loss is taken against 1 − ε for the true class and ε shared out evenly among all classes. The training
    /// loss contains it, the losses on test and validation pictures do not.
    /// </summary>
    /// <remarks>
    /// <para>$−∑ₖ qₖ·\log pₖ$ with $qₖ = (1 − ε)·[k = y] + ε/K$ over the K classes, y the true one.</para>
    /// <para><see href="https://arxiv.org/abs/1512.00567">Szegedy et al., "Rethinking the Inception architecture for computer
    /// vision", CVPR 2016</see>, section 7.</para>
    /// </remarks>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// The largest norm of all gradients together, positive: longer ones are scaled down to it, as torch's clip_grad_norm_ does.
    /// Null: they are not clipped.
    /// </summary>
    public double? MaxGradientNorm { get; init; }

    /// <summary>
    /// d, in (0, 1): an exponential moving average of the weights and of BatchNorm's statistics, a ← d·a + (1 − d)·w after every
    /// step, is what is tested and what the run leaves in the network. Null: the weights themselves.
    /// </summary>
    /// <remarks>As torch's AveragedModel with use_buffers, which begins with the weights after the first step.</remarks>
    public double? AverageDecay { get; init; }

    /// <summary>
    /// How the pictures of a batch are mixed with one another: <see cref="Mixup"/> or <see cref="CutMix"/>; null for not at all.
    /// The training accuracy then counts a picture as right when its first part's class is named.
    /// </summary>
    public BatchMixing? Mixing { get; init; }

    /// <summary>
    /// The part of the training pictures, in [0, 1), that is held out for validation. The tutorial has none (0): there the test
    /// loss steers the learning rate, so the test pictures take part in training, and the accuracy on them is too high. With a
    /// part of 0.1, say, its loss steers instead, the best epoch can be chosen by it, and the test accuracy is an honest
    /// estimate. A set with validation pictures of its own needs none.
    /// </summary>
    public double ValidationFraction { get; init; }

    /// <summary>
    /// Epochs without a better accuracy after which the run ends, at least 1; null: it never ends early. The accuracy is that on
    /// the validation part, else on the test pictures (<see cref="TrainingHistory.Best"/>).
    /// </summary>
    public int? StopAfter { get; init; }

    /// <summary>
    /// Whether the network ends with the weights of <see cref="TrainingHistory.Best"/> instead of those of the last epoch.
    /// </summary>
    public bool RestoreBest { get; init; }

    /// <summary>Whether tests after each epoch average the logits of each picture and of its mirror image.</summary>
    public bool TestTimeFlipping { get; init; }

    /// <summary>How training pictures are varied; null for not at all.</summary>
    public Augmentation? Augmentation { get; init; } = Augmentation.Tutorial;

    /// <summary>
    /// Determines order, augmentation, mixing, validation part and dropout: one seed gives one result to the bit on one machine.
    /// </summary>
    public long Seed { get; init; }

    /// <summary>Where to compute; null takes CUDA when there is a card, else the CPU.</summary>
    public Device? Device { get; init; }

    /// <summary>
    /// Whether convolutions and linear layers compute in bfloat16 during training while their weights are kept in float32: about
    /// one and a half times as fast on a processor with AVX512-BF16; the same path is taken on a graphics card that computes
    /// bfloat16 (NVIDIA's since Ampere), where its speed was not measured. Ignored on other processors and cards, and for a network
    /// with weights in other layers than these and batch normalisation. Between batches the network then holds rounded weights, and
    /// its <c>Parameter</c> objects are replaced; after an epoch it is in float32 again.
    /// </summary>
    public bool MixedPrecision { get; init; }

    /// <summary>
    /// The file that keeps the run after every epoch, three to five times as large as the weights; null for none. When the file
    /// exists, the run is resumed from it: network, data and options must be the same; only <see cref="Epochs"/> may grow, where
    /// the schedule does not depend on it, and <see cref="StopAfter"/> may change. One run at a time writes to it: a second one
    /// is refused (<see cref="InUseException"/>) while the first one lasts.
    /// </summary>
    public string? CheckpointFile { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Epochs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchSize);
        ArgumentNullException.ThrowIfNull(Optimizer);
        ArgumentNullException.ThrowIfNull(Schedule);
        OptionRange.Check(IsPositive(LearningRate), LearningRate, nameof(LearningRate), "is a positive number");
        OptionRange.Check(
            ValidationFraction is >= 0 and < 1,
            ValidationFraction,
            nameof(ValidationFraction),
            "lies between 0 and 1, without 1"
        );
        OptionRange.Check(
            LabelSmoothing is >= 0 and < 1,
            LabelSmoothing,
            nameof(LabelSmoothing),
            "lies between 0 and 1, without 1"
        );
        Check(MaxGradientNorm, IsPositive, nameof(MaxGradientNorm), "is a positive number");
        Check(AverageDecay, decay => decay is > 0 and < 1, nameof(AverageDecay), "lies strictly between 0 and 1");
        Check(StopAfter, epochs => epochs >= 1, nameof(StopAfter), "is at least 1 epoch");
        Optimizer.Check();
        Schedule.Check();
        Mixing?.Check();
    }

    private static void Check(double? value, Func<double, bool> holds, string name, string rule)
    {
        if (value is { } number)
        {
            OptionRange.Check(holds(number), number, name, rule);
        }
    }

    private static bool IsPositive(double value) => value > 0 && double.IsFinite(value);
}

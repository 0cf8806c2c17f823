namespace AttentionLab.Training;

/// <summary>
/// How the last layers of a network learn together with a <see cref="LinearHead"/>, which is solved first. All other weights stay
/// frozen, and normalisations keep their running statistics.
/// </summary>
/// <remarks>
/// The head first, then all together with a small learning rate: Kumar et al., "Fine-Tuning can Distort Pretrained Features and
/// Underperform Out-of-Distribution", <see href="https://arxiv.org/abs/2202.10054">2022</see>.
/// </remarks>
public sealed record FineTuning
{
    /// <summary>
    /// The layers that learn, with all below them, as the network names them: <c>layer4</c>; * and ? stand for anything but a
    /// dot, ** for anything. Empty for the last stage: the layers at the resolution of the last map, or, of a network with one
    /// resolution, such as a vision transformer, the last of its repeated blocks.
    /// </summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>Passes over the photographs.</summary>
    public int Epochs { get; init; } = 5;

    /// <summary>Photographs in a step.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Of AdamW, the same for all steps.</summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>Of AdamW.</summary>
    public double WeightDecay { get; init; } = 1e-2;

    /// <summary>Whether half of the photographs, drawn anew in each pass, are mirrored left to right.</summary>
    public bool HorizontalFlip { get; init; } = true;

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Layers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Epochs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchSize);
        if (!(LearningRate > 0) || !double.IsFinite(LearningRate))
        {
            throw new ArgumentOutOfRangeException(nameof(LearningRate), LearningRate, "The learning rate is a positive number.");
        }

        if (!(WeightDecay >= 0) || !double.IsFinite(WeightDecay))
        {
            throw new ArgumentOutOfRangeException(
                nameof(WeightDecay),
                WeightDecay,
                "The weight decay is zero or a positive number."
            );
        }
    }
}

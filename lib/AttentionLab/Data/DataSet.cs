namespace AttentionLab.Data;

/// <summary>A picture set ready to learn from.</summary>
/// <param name="Name">What it is called in titles and messages.</param>
/// <param name="Train">The pictures to learn from.</param>
/// <param name="Test">The pictures to test with.</param>
/// <param name="Normalization">How pixels become a network's input.</param>
public sealed record DataSet(string Name, LabeledImages Train, LabeledImages Test, Normalization Normalization)
{
    /// <summary>Pictures to validate with during training, where the set has some of its own; else null.</summary>
    public LabeledImages? Validation { get; init; }

    /// <summary>The classes' names, in the order of the labels.</summary>
    public IReadOnlyList<string> ClassNames => Train.ClassNames;

    /// <summary>What a network that learns from the set takes: its pictures' size and normalisation.</summary>
    public Preprocessing Preprocessing => Preprocessing.Of(Normalization, Train.Height, Train.Width);

    /// <summary>The set as a network takes it: its pictures at the network's size, normalised as the network asks for.</summary>
    /// <param name="preprocessing">The network's, with a size. A mean picture and the order blue, green, red are not applied:
    /// <c>Trainer</c> does so in front of the network.</param>
    /// <inheritdoc cref="LabeledImages.At" path="/exception"/>
    public DataSet At(Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        return this with
        {
            Train = Train.At(preprocessing),
            Validation = Validation?.At(preprocessing),
            Test = Test.At(preprocessing),
            Normalization = preprocessing.ToNormalization() ?? Normalization,
        };
    }

    /// <summary>The set in grey, of one channel, normalised by the mean and deviation of its training pictures.</summary>
    public DataSet ToGrey()
    {
        LabeledImages train = Train.ToGrey();
        return this with
        {
            Train = train,
            Validation = Validation?.ToGrey(),
            Test = Test.ToGrey(),
            Normalization = Normalization.Of(train),
        };
    }

    /// <summary>
    /// A small set for a quick try: the first training pictures, and a fifth as many test and validation pictures, at least one.
    /// Names and normalisation stay.
    /// </summary>
    /// <param name="trainingPictures">How many, at least 0; all when there are no more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public DataSet Take(int trainingPictures)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trainingPictures);
        int others = Math.Max(1, trainingPictures / 5);
        return this with
        {
            Train = First(Train, trainingPictures),
            Validation = Validation is { } held ? First(held, others) : null,
            Test = First(Test, others),
        };
    }

    private static LabeledImages First(LabeledImages images, int count) =>
        images.Select(images.Name, [.. Enumerable.Range(0, Math.Min(count, images.Count))]);
}

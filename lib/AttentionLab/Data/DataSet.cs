namespace AttentionLab.Data;

/// <summary>A picture set ready to learn from.</summary>
/// <param name="Name">What it is called in titles and messages.</param>
/// <param name="Train">The pictures to learn from.</param>
/// <param name="Test">The pictures to be judged by.</param>
/// <param name="Normalization">How pixels become a network's input.</param>
public sealed record DataSet(string Name, LabeledImages Train, LabeledImages Test, Normalization Normalization)
{
    /// <summary>Pictures to judge by while learning, where the set has some of its own; else null.</summary>
    public LabeledImages? Validation { get; init; }

    /// <summary>The classes' names, in the order of the labels.</summary>
    public IReadOnlyList<string> ClassNames => Train.ClassNames;
}

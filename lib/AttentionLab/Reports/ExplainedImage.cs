using AttentionLab.Imaging;

namespace AttentionLab.Reports;

/// <summary>A picture on an <see cref="ExplanationPage"/>, what the network takes it for, and where it looked.</summary>
/// <param name="Picture">H×W pixels.</param>
/// <param name="PredictedClass">What the network takes it for.</param>
/// <param name="Confidence">How sure it says it is, in [0, 1].</param>
/// <param name="Maps">Where it looked, in the order shown.</param>
public sealed record ExplainedImage(
    Image Picture,
    string PredictedClass,
    double Confidence,
    params IReadOnlyList<ExplainedMap> Maps
)
{
    /// <summary>What the picture is called: a file's name, a number.</summary>
    public string? Name { get; init; }

    /// <summary>What it shows; null where nobody said.</summary>
    public string? TrueClass { get; init; }

    /// <summary>What the network held possible besides, the likeliest first.</summary>
    public IReadOnlyList<(string Class, double Confidence)> Alternatives { get; init; } = [];

    /// <summary>The class that the maps speak of; null: the predicted one.</summary>
    public string? ExplainedClass { get; init; }
}

using AttentionLab.Core;
using AttentionLab.Models;

namespace AttentionLab.Evaluate;

/// <summary>All measures by name, each with its defaults.</summary>
public static class EvaluationMeasures
{
    /// <summary>Those that ask for masks first, then those that change the picture, those that look at the map alone, and those that
    /// watch the method.</summary>
    public static IReadOnlyList<EvaluationMeasure> All { get; } =
    [
        new PointingGame(),
        new EnergyPointingGame(),
        new IntersectionOverUnion(),
        new RelevanceMassAccuracy(),
        new RelevanceRankAccuracy(),
        new Deletion(),
        new Insertion(),
        new AverageDrop(),
        new IncreaseInConfidence(),
        new RoadMostRelevantFirst(),
        new RoadLeastRelevantFirst(),
        new RoadCombined(),
        new Infidelity(),
        new Sparseness(),
        new Complexity(),
        new MaxSensitivity(),
        new RandomLogit(),
        new ModelRandomization(),
    ];

    /// <summary>The measure of a name.</summary>
    /// <exception cref="ArgumentException">There is none: the message lists the names there are, nearest first.</exception>
    public static EvaluationMeasure Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(measure => measure.Name == name)
            ?? throw new ArgumentException(
                $"'{Excerpt.Of(name)}' is not a known measure. Known, nearest first: "
                    + $"{string.Join(", ", ModulePaths.NearestFirst(name, All.Select(measure => measure.Name)))}.",
                nameof(name)
            );
    }
}

using AttentionLab.Core;
using AttentionLab.Models;

namespace AttentionLab.Evaluate;

/// <summary>All measures by name, each with its defaults.</summary>
public static class EvaluationMeasures
{
    /// <summary>Those that ask for masks first, then those that change the picture, then those that watch the method.</summary>
    public static IReadOnlyList<EvaluationMeasure> All { get; } =
    [
        new PointingGame(),
        new EnergyPointingGame(),
        new IntersectionOverUnion(),
        new Deletion(),
        new Insertion(),
        new AverageDrop(),
        new IncreaseInConfidence(),
        new RoadMostRelevantFirst(),
        new RoadLeastRelevantFirst(),
        new MaxSensitivity(),
        new ModelRandomization(),
    ];

    /// <summary>The measure of a name.</summary>
    /// <exception cref="ArgumentException">There is none: the message lists the names there are, nearest first.</exception>
    public static EvaluationMeasure Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(measure => measure.Name == name)
            ?? throw new ArgumentException(
                $"There is no measure '{Excerpt.Of(name)}'. Nearest first, there are "
                    + $"{string.Join(", ", ModulePaths.NearestFirst(name, All.Select(measure => measure.Name)))}.",
                nameof(name)
            );
    }
}

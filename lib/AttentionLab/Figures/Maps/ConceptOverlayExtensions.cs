using AttentionLab.Explain;
using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>Concepts over pictures, in one call.</summary>
public static class ConceptOverlayExtensions
{
    /// <summary>The figure of concepts over the pictures they were found in: <c>factors.Over(photographs)</c>.</summary>
    /// <param name="factors">Of N pictures and at most ten concepts.</param>
    /// <param name="pictures">The N pictures, of any resolution, in the same order.</param>
    /// <exception cref="ArgumentException">The number of pictures is another, or there are more than ten concepts.</exception>
    public static ConceptGrid Over(this FeatureFactors factors, params IReadOnlyList<Image> pictures)
    {
        ArgumentNullException.ThrowIfNull(factors);
        ArgumentNullException.ThrowIfNull(pictures);
        int maps = factors.Concepts[0].Maps.Count;
        return maps == pictures.Count
            ? new ConceptGrid(
                pictures,
                [
                    .. factors.Concepts.Select(concept =>
                        concept.Maps.Zip(pictures, (map, picture) => map.Place(picture.Height, picture.Width)).ToArray()
                    ),
                ],
                [.. factors.Concepts.Select((concept, k) => FormattableString.Invariant($"{k + 1}: {100 * concept.Share:f0} %"))]
            )
            {
                Title = factors.Layer,
            }
            : throw new ArgumentException(
                $"The concepts have maps of {maps} pictures; {pictures.Count} are given: give those that were factorised.",
                nameof(pictures)
            );
    }
}

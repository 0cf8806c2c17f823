using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>Maps over pictures, in one call.</summary>
public static class MapOverlayExtensions
{
    /// <summary>
    /// The figure of a picture's map over it, at the photograph's own resolution, on the part that the network saw:
    /// <c>new GradCam().Explain(network, photo).Over(photo)</c>.
    /// </summary>
    /// <param name="explanation">Of one or more pictures.</param>
    /// <param name="photograph">The picture explained, of any resolution.</param>
    /// <param name="picture">Which of the N pictures it is.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public static MapOverlay Over(this Explanation explanation, Image photograph, int picture = 0)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        return explanation[picture].Over(photograph);
    }

    /// <summary>
    /// The figure of a map over a picture, the map enlarged to it by <see cref="Heatmap.Place"/>, with its method, layer and
    /// target as the title: <c>explanation.ToHeatMap(0).Over(image)</c>. For other colours or contours make a
    /// <see cref="MapOverlay"/>.
    /// </summary>
    /// <param name="map">Any map.</param>
    /// <param name="picture">Of any size.</param>
    public static MapOverlay Over(this Heatmap map, Image picture)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(picture);
        string[] names = [map.Method, map.Layer, map.Target];
        return new MapOverlay(picture, map.Place(picture.Height, picture.Width))
        {
            Title = string.Join(", ", names.Where(name => name.Length > 0)),
        };
    }
}

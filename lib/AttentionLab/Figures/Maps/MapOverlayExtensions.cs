using AttentionLab.Core;
using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>Maps over pictures, in one call.</summary>
public static class MapOverlayExtensions
{
    /// <summary>
    /// The figure of a map over a picture, the map enlarged to it by <see cref="Heatmap.Resize"/>, with its method, layer and target as
    /// the title: <c>explanation.ToHeatMap(0).Over(image)</c>. For other colours or contours make a <see cref="MapOverlay"/>.
    /// </summary>
    /// <param name="map">Any map.</param>
    /// <param name="picture">Of any size.</param>
    public static MapOverlay Over(this Heatmap map, Image picture)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(picture);
        string[] names = [map.Method, map.Layer, map.Target];
        return new MapOverlay(picture, map.Resize(picture.Height, picture.Width))
        {
            Title = string.Join(", ", names.Where(name => name.Length > 0)),
        };
    }
}

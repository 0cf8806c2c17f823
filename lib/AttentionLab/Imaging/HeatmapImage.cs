using AttentionLab.Core;

namespace AttentionLab.Imaging;

/// <summary>Maps in colours.</summary>
public static class HeatmapImage
{
    /// <summary>The map as a picture of its own: each value a pixel in its colour.</summary>
    /// <param name="map">Any map.</param>
    /// <param name="colorMap">The colours; null: <see cref="ColorMap.Jet"/>.</param>
    /// <param name="range">The values of the first and the last colour; null: the map's own minimum and maximum.</param>
    public static Image ToImage(this Heatmap map, ColorMap? colorMap = null, ValueRange? range = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        colorMap ??= ColorMap.Jet;
        ValueRange values = range ?? map.Range;
        var rgb = new byte[3 * map.Length];
        int i = 0;
        foreach (float value in map.Values)
        {
            foreach (float channel in colorMap.Of(values.Fraction(value)))
            {
                rgb[i++] = ColorMap.ToByte(channel);
            }
        }

        return new Image(map.Height, map.Width, rgb);
    }
}

using AttentionLab.Core;
using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>What every figure asks of a map over a picture.</summary>
internal static class MapChecks
{
    /// <summary>One value for each of the picture's pixels.</summary>
    public static void ThrowUnlessFits(Heatmap map, Image picture, string name)
    {
        ArgumentNullException.ThrowIfNull(map, name);
        if (map.Height != picture.Height || map.Width != picture.Width)
        {
            throw new ArgumentException(
                $"The map has {map.Height}×{map.Width} values and the picture {picture.Height}×{picture.Width} "
                    + "pixels (rows × columns): resize the map to the picture first.",
                name
            );
        }
    }
}

using AttentionLab.Core;

namespace AttentionLab.Imaging;

/// <summary>Maps in colours: by themselves, over a picture, or as a mask of it.</summary>
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

    /// <summary>
    /// A picture under a map in colours, to look at: (1 − opacity) · picture + opacity · colour(map), rounded.
    /// </summary>
    /// <param name="picture">H×W pixels.</param>
    /// <param name="map">H×W values, of the picture's size; or placed on it (<see cref="Heatmap.Place"/>): then the picture
    /// stays as it is where the map has no values.</param>
    /// <param name="colorMap">Jet when null.</param>
    /// <param name="opacity">Of the map, in [0, 1].</param>
    /// <param name="range">
    /// The values of the first and the last colour. Null stretches the map to its own minimum and maximum, as the tutorial's
    /// plotting does; <see cref="ValueRange.Unit"/> clips to [0, 1], so that colours of two maps can be compared.
    /// </param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The opacity is outside [0, 1].</exception>
    public static Image Blend(
        this Image picture,
        Heatmap map,
        ColorMap? colorMap = null,
        double opacity = 0.5,
        ValueRange? range = null
    )
    {
        float[,,] blended = BlendToFloats(picture, map, colorMap, opacity, range);
        var rgb = new byte[blended.Length];
        int i = 0;
        foreach (float value in blended)
        {
            rgb[i++] = ColorMap.ToByte(value);
        }

        return new Image(picture.Height, picture.Width, rgb);
    }

    /// <summary>The same without rounding: H×W×3 values in [0, 1].</summary>
    /// <inheritdoc cref="Blend"/>
    public static float[,,] BlendToFloats(
        this Image picture,
        Heatmap map,
        ColorMap? colorMap = null,
        double opacity = 0.5,
        ValueRange? range = null
    )
    {
        ArgumentNullException.ThrowIfNull(picture);
        ThrowUnlessFits(map, picture, nameof(map));
        OpacityRange.ThrowUnlessInside(opacity);

        colorMap ??= ColorMap.Jet;
        ValueRange values = range ?? map.Range;
        var blended = new float[picture.Height, picture.Width, 3];
        ReadOnlySpan<byte> rgb = picture.Rgb;
        int i = 0;
        for (int y = 0; y < picture.Height; y++)
        {
            for (int x = 0; x < picture.Width; x++)
            {
                if (ValueAt(map, y, x) is not { } value)
                {
                    for (int c = 0; c < 3; c++)
                    {
                        blended[y, x, c] = rgb[i++] / 255f;
                    }

                    continue;
                }

                ReadOnlySpan<float> color = colorMap.Of(values.Fraction(value));
                for (int c = 0; c < 3; c++)
                {
                    blended[y, x, c] = (float)(((1 - opacity) * rgb[i++] / 255) + (opacity * color[c]));
                }
            }
        }

        return blended;
    }

    /// <summary>The picture only where a map reaches a value; the rest is dimmed.</summary>
    /// <param name="picture">H×W pixels.</param>
    /// <param name="map">H×W values, of the picture's size; or placed on it (<see cref="Heatmap.Place"/>): then what the
    /// network did not see is dimmed too.</param>
    /// <param name="threshold">In the map's own units: a pixel with this value or a higher one stays as it is.</param>
    /// <param name="brightness">Of the rest, in [0, 1]: 0 is black, 1 leaves all as it is. The rest also loses its colours, so
    /// that dark objects show too.</param>
    /// <exception cref="ArgumentException">The sizes differ, or the threshold is NaN.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The brightness is outside [0, 1].</exception>
    public static Image Mask(this Image picture, Heatmap map, double threshold, double brightness = 0.3)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ThrowUnlessFits(map, picture, nameof(map));
        if (double.IsNaN(threshold))
        {
            throw new ArgumentException("The threshold is NaN, which no value reaches and none misses.", nameof(threshold));
        }

        if (!(brightness is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(brightness),
                brightness,
                "The rest's brightness lies between 0, black, and 1, as it is."
            );
        }

        byte[] rgb = [.. picture.Rgb];
        int p = 0;
        for (int y = 0; y < picture.Height; y++)
        {
            for (int x = 0; x < picture.Width; x++)
            {
                if (!(ValueAt(map, y, x) >= threshold) && brightness < 1)
                {
                    rgb[p] = rgb[p + 1] = rgb[p + 2] = ColorMap.ToByte(picture.LumaAt(p) / 255 * brightness);
                }

                p += 3;
            }
        }

        return new Image(picture.Height, picture.Width, rgb);
    }

    /// <summary>
    /// What every figure asks of a map over a picture: one value for each of the picture's pixels, or for those of the part that
    /// it covers.
    /// </summary>
    internal static void ThrowUnlessFits(Heatmap map, Image picture, string name)
    {
        ArgumentNullException.ThrowIfNull(map, name);
        if (map.Part is { } part)
        {
            if (
                (part.ImageHeight, part.ImageWidth) != (picture.Height, picture.Width)
                || part.Pixels != ((int)part.Top, (int)part.Left, map.Height, map.Width)
            )
            {
                throw new ArgumentException(
                    $"The map of {map.Height}×{map.Width} values covers a part of a photograph of "
                        + $"{part.ImageHeight}×{part.ImageWidth} pixels, and the picture has "
                        + $"{picture.Height}×{picture.Width}: place it first, "
                        + $"map.{nameof(map.Place)}({picture.Height}, {picture.Width}).",
                    name
                );
            }
        }
        else if (map.Height != picture.Height || map.Width != picture.Width)
        {
            throw new ArgumentException(
                $"The map has {map.Height}×{map.Width} values and the picture {picture.Height}×{picture.Width} "
                    + "pixels (rows × columns): resize the map to the picture first.",
                name
            );
        }
    }

    /// <summary>The value of a picture's pixel; null where a placed map has none.</summary>
    internal static float? ValueAt(Heatmap map, int row, int column)
    {
        if (map.Part is { } part)
        {
            (row, column) = (row - (int)part.Top, column - (int)part.Left);
        }

        return row >= 0 && row < map.Height && column >= 0 && column < map.Width ? map[row, column] : null;
    }
}

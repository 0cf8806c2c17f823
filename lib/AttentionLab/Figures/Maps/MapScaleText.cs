using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>
/// What a <see cref="MapScale"/> means for the maps of a figure: their range, the note and the legend that tell it.
/// </summary>
internal static class MapScaleText
{
    /// <summary>The range of all maps; null when each has its own.</summary>
    public static ValueRange? RangeOf(this MapScale scale, IReadOnlyList<Heatmap> maps) =>
        scale switch
        {
            MapScale.Own => null,
            MapScale.Unit => ValueRange.Unit,
            MapScale.Common => ValueRange.Of(maps),
            MapScale.Symmetric => ValueRange.Symmetric(maps),
            _ => throw new ArgumentOutOfRangeException(nameof(scale), scale, "There is no such scale."),
        };

    public static string Note(this MapScale scale, CultureInfo culture) =>
        (
            scale switch
            {
                MapScale.Own => FigureText.OwnScale,
                MapScale.Unit => FigureText.UnitScale,
                MapScale.Common => FigureText.CommonScale,
                _ => FigureText.SymmetricScale,
            }
        ).In(culture);

    public static ColorBar Bar(this MapScale scale, ColorMap map, ValueRange? range, CultureInfo culture) =>
        scale == MapScale.Own || range is not { } values
            ? new ColorBar(map, FigureText.Lowest.In(culture), "", FigureText.Highest.In(culture))
            : new ColorBar(
                map,
                FigureText.Number(values.Low),
                FigureText.Number((values.Low + values.High) / 2),
                FigureText.Number(values.High)
            );
}

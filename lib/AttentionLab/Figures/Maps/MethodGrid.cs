using AttentionLab.Core;
using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>Methods compared over pictures: a row for each picture, a column for each method, under its name.</summary>
public sealed class MethodGrid : MapFigure
{
    /// <summary>Makes the grid.</summary>
    /// <param name="methods">The columns' names.</param>
    /// <param name="rows">The pictures from the top, each with one map for each method, in the same order; the maps' own titles
    /// are not shown.</param>
    /// <exception cref="ArgumentException">
    /// There is no method or no picture, a picture has another number of maps, or a map is not of its picture's size.
    /// </exception>
    public MethodGrid(IReadOnlyList<string> methods, params IReadOnlyList<ImageWithMaps> rows)
        : base(tileSize: 96)
    {
        ArgumentNullException.ThrowIfNull(methods);
        ArgumentNullException.ThrowIfNull(rows);
        if (methods.Count == 0 || rows.Count == 0)
        {
            throw new ArgumentException(
                $"A grid needs a method and a picture; there are {methods.Count} and {rows.Count}.",
                methods.Count == 0 ? nameof(methods) : nameof(rows)
            );
        }

        for (int r = 0; r < rows.Count; r++)
        {
            if (rows[r].Maps.Count != methods.Count)
            {
                throw new ArgumentException(
                    $"Picture {r} has {rows[r].Maps.Count} maps for {methods.Count} methods: it needs one for each.",
                    nameof(rows)
                );
            }

            foreach (MapPanel panel in rows[r].Maps)
            {
                HeatmapImage.ThrowUnlessFits(panel.Map, rows[r].Picture, nameof(rows));
            }
        }

        Methods = [.. methods];
        Rows = [.. rows];
    }

    /// <summary>The columns' names.</summary>
    public IReadOnlyList<string> Methods { get; }

    /// <summary>The pictures with a map for each method.</summary>
    public IReadOnlyList<ImageWithMaps> Rows { get; }

    /// <summary>Methods have different units, so that each map on its own scale is the default.</summary>
    public MapScale Scale { get; init; } = MapScale.Own;

    /// <inheritdoc/>
    public override string AltText =>
        FigureText.MethodsAlt.In(Culture, Methods.Count, Rows.Count, FigureText.And.Join(Culture, Methods));

    private protected override Drawing Compose()
    {
        ValueRange? range = Scale.RangeOf([.. Rows.SelectMany(row => row.Maps).Select(panel => panel.Map)]);
        IEnumerable<Tile?> tiles = Rows.SelectMany(
            (row, r) =>
                row
                    .Maps.Select(
                        (panel, m) =>
                            (Tile?)new Tile(row.Picture.Blend(panel.Map, ColorMap, Opacity, range), r == 0 ? Methods[m] : "")
                    )
                    .Prepend(new Tile(row.Picture, row.Caption(Culture)))
        );
        return new TileGrid(
            [.. tiles],
            1 + Methods.Count,
            TileSize,
            12,
            Title,
            Scale.Note(Culture),
            Scale.Bar(ColorMap, range, Culture)
        ).Compose();
    }
}

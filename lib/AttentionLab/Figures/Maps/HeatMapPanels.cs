using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>
/// The tutorial's figure of heat maps: a picture with its true and predicted class, and beside it the same picture under each
/// of its maps. Several pictures make several rows.
/// </summary>
public sealed class HeatMapPanels : MapFigure
{
    /// <summary>Makes the figure of its rows.</summary>
    /// <exception cref="ArgumentException">
    /// The list of rows is empty, a row has no map, or a map is not of its picture's size.
    /// </exception>
    public HeatMapPanels(params IReadOnlyList<ImageWithMaps> rows)
        : base(tileSize: 160)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0)
        {
            throw new ArgumentException("The list of rows is empty: give at least one picture with its maps.", nameof(rows));
        }

        foreach (ImageWithMaps row in rows)
        {
            ArgumentNullException.ThrowIfNull(row, nameof(rows));
            if (row.Maps.Count == 0)
            {
                throw new ArgumentException(
                    $"The picture of class '{row.TrueClass ?? row.PredictedClass}' has no map to lay over it.",
                    nameof(rows)
                );
            }

            foreach (MapPanel panel in row.Maps)
            {
                HeatmapImage.ThrowUnlessFits(panel.Map, row.Picture, nameof(rows));
            }
        }

        Rows = [.. rows];
    }

    /// <summary>
    /// The figure of some pictures of a set and what explained them; <c>HeatMapPanels.Of(data.Test, [7, 9], explanation)</c>. For
    /// a title or another scale, give <see cref="ImageWithMaps.Of"/> to the constructor.
    /// </summary>
    /// <inheritdoc cref="ImageWithMaps.Of"/>
    public static HeatMapPanels Of(
        LabeledImages images,
        IReadOnlyList<int> indices,
        params IReadOnlyList<Explanation> explanations
    ) => new(ImageWithMaps.Of(images, indices, explanations));

    /// <summary>The pictures with their maps, from the top.</summary>
    public IReadOnlyList<ImageWithMaps> Rows { get; }

    /// <summary>
    /// <see cref="MapScale.Own"/> is the tutorial's way; the others let colours be compared. The legend and the note under the
    /// figure say which it is.
    /// </summary>
    public MapScale Scale { get; init; } = MapScale.Own;

    /// <inheritdoc/>
    public override string AltText =>
        FigureText.HeatMapsAlt.In(
            Culture,
            Rows.Count,
            FigureText.Then.Join(
                Culture,
                Rows.Select(row =>
                    row.Alt(Culture, FigureText.And.Join(Culture, row.Maps.Select(m => NameOf(m).ReplaceLineEndings(" "))))
                )
            )
        );

    private protected override Drawing Compose()
    {
        ValueRange? range = Scale.RangeOf([.. Rows.SelectMany(r => r.Maps).Select(m => m.Map)]);
        int columns = 1 + Rows.Max(r => r.Maps.Count);
        var tiles = new List<Tile?>();
        foreach (ImageWithMaps row in Rows)
        {
            tiles.Add(new Tile(row.Picture, row.Caption(Culture)));
            tiles.AddRange(row.Maps.Select(m => new Tile(row.Picture.Blend(m.Map, ColorMap, Opacity, range), CaptionOf(m))));
            tiles.AddRange(Enumerable.Repeat<Tile?>(null, columns - 1 - row.Maps.Count));
        }

        return new TileGrid(
            tiles,
            columns,
            TileSize,
            13,
            Title,
            Scale.Note(Culture),
            Scale.Bar(ColorMap, range, Culture)
        ).Compose();
    }

    private string NameOf(MapPanel panel) =>
        (panel.Title is { } title ? Label(title) : null)
        ?? (panel.Channel is { } channel ? FigureText.Channel.In(Culture, channel.ToString(CultureInfo.InvariantCulture)) : "");

    private string CaptionOf(MapPanel panel) =>
        string.Join(
            '\n',
            new[] { NameOf(panel), panel.Mean is { } mean ? FigureText.Mean.In(Culture, FigureText.Number(mean)) : "" }.Where(t =>
                t.Length > 0
            )
        );
}

using AttentionLab.Core;
using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>Maps as small tiles under their channel numbers.</summary>
public sealed class FeatureMapGrid : Figure
{
    /// <summary>Shows maps.</summary>
    /// <param name="maps">H×W each, of one size.</param>
    /// <param name="channels">The number of each map's channel; null: 0, 1, 2 …</param>
    /// <exception cref="ArgumentException">The list of maps is empty, one has another size, or there is not one channel number
    /// for each.</exception>
    public FeatureMapGrid(IReadOnlyList<Heatmap> maps, IReadOnlyList<int>? channels = null)
    {
        ArgumentNullException.ThrowIfNull(maps);
        if (maps.Count == 0)
        {
            throw new ArgumentException("The list of maps is empty: give at least one.", nameof(maps));
        }

        if (channels is not null && channels.Count != maps.Count)
        {
            throw new ArgumentException(
                $"{maps.Count} maps need as many channel numbers; there are {channels.Count}.",
                nameof(channels)
            );
        }

        foreach (Heatmap map in maps)
        {
            if (map.Height != maps[0].Height || map.Width != maps[0].Width)
            {
                throw new ArgumentException(
                    $"The first map has {maps[0].Height}×{maps[0].Width} values, another "
                        + $"{map.Height}×{map.Width}: show maps of one layer together.",
                    nameof(maps)
                );
            }
        }

        Maps = [.. maps];
        Channels = [.. channels ?? [.. Enumerable.Range(0, maps.Count)]];
    }

    /// <summary>The maps, row by row.</summary>
    public IReadOnlyList<Heatmap> Maps { get; }

    /// <summary>The number of each map's channel.</summary>
    public IReadOnlyList<int> Channels { get; }

    /// <summary>Above all maps.</summary>
    public string Title
    {
        get => Label(field);
        init;
    } = "";

    /// <summary>The colours.</summary>
    public ColorMap ColorMap { get; init; } = ColorMap.Viridis;

    /// <summary>One colour scale for all maps, or each its own.</summary>
    public MapScale Scale { get; init; } = MapScale.Common;

    /// <summary>How many maps stand side by side, at least 1.</summary>
    public int Columns
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    } = 16;

    /// <summary>About how wide and high a map is, in logical pixels.</summary>
    public int TileSize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    } = 48;

    /// <inheritdoc/>
    public override string AltText => FigureText.MapsAlt.In(Culture, Maps.Count, Maps[0].Height, Maps[0].Width);

    private protected override Drawing Compose()
    {
        ValueRange? range = Scale.RangeOf(Maps);
        Tile[] tiles = [.. Maps.Select((map, i) => new Tile(map.ToImage(ColorMap, range), FigureText.Number(Channels[i])))];
        return new TileGrid(
            tiles,
            Columns,
            TileSize,
            11,
            Title,
            Scale.Note(Culture),
            Scale.Bar(ColorMap, range, Culture)
        ).Compose();
    }
}

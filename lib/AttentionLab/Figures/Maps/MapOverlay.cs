using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>
/// One picture under one map, large, with a legend of values: in colours, with contour lines, or only the part where the map is
/// high. Interactive, it tells the value under the pointer.
/// </summary>
[TypeFormatterSource(
    typeof(FigureFormatterSource),
    PreferredMimeTypes = [FigureFormatterSource.Plotly, FigureFormatterSource.Png, FigureFormatterSource.Text]
)]
public sealed class MapOverlay : MapFigure
{
    private const int SmallestTile = 320,
        LargestTile = 640,
        PlotlyLegendWidth = 90,
        PlotlyMargin = 50,
        Stops = 32;

    /// <summary>Lays a map over a picture.</summary>
    /// <param name="picture">H×W pixels.</param>
    /// <param name="map">H×W values, or a map of a part of the picture, placed on it: see <see cref="Heatmap.Place"/>.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public MapOverlay(Image picture, Heatmap map)
        : base(tileSize: TileSizeOf(picture))
    {
        HeatmapImage.ThrowUnlessFits(map, picture, nameof(map));
        (Picture, Map) = (picture, map);
    }

    /// <summary>The picture.</summary>
    public Image Picture { get; }

    /// <summary>The map, in its own units, which the legend shows.</summary>
    public Heatmap Map { get; }

    /// <summary>The values of the first and the last colour; null: the map's own minimum and maximum.</summary>
    public ValueRange? Range { get; init; }

    /// <summary>Values, in the map's units, along which a line is drawn; see <see cref="ContourLines"/>.</summary>
    public IReadOnlyList<double> Contours
    {
        get;
        init =>
            field = value.All(double.IsFinite)
                ? value
                : throw new ArgumentException("The value along a contour is a finite number.", nameof(value));
    } = [];

    /// <summary>
    /// Instead of colours, the picture only where the map reaches this value, the rest dimmed: see
    /// <see cref="HeatmapImage.Mask"/>. Null: colours.
    /// </summary>
    public double? Threshold { get; init; }

    /// <inheritdoc/>
    public override string AltText
    {
        get
        {
            if (Threshold is { } threshold)
            {
                int dimmed = Map.Values.ToArray().Count(value => value < threshold);
                return FigureText.MaskAlt.In(
                    Culture,
                    FigureText.Number(threshold),
                    FigureText.Number(Math.Round(100.0 * dimmed / Map.Length))
                );
            }

            (double low, double high) = Map.Range;
            return FigureText.OverlayAlt.In(Culture, FigureText.Number(low), FigureText.Number(high));
        }
    }

    private ValueRange Values => Range ?? Map.Range;

    /// <summary>The row and the column of the picture at which the map begins.</summary>
    private (int Row, int Column) Start => Map.Part is { } part ? ((int)part.Top, (int)part.Left) : (0, 0);

    /// <inheritdoc/>
    public override string? ToPlotlyJson() =>
        Math.Max(Picture.Height, Picture.Width) > LargestTile
            ? Reduced().ToPlotlyJson()
            : PlotlyJson.Write([PlotlyHeatmap(), .. ContoursOfMap().Select(PlotlyLine)], PlotlyLayout());

    private Dictionary<string, object> PlotlyHeatmap() =>
        new()
        {
            ["type"] = "heatmap",
            ["z"] = Enumerable
                .Range(0, Map.Height)
                .Select(y => Enumerable.Range(0, Map.Width).Select(x => FourDigits(Map[y, x])).ToArray())
                .ToArray(),
            ["x0"] = Start.Column,
            ["y0"] = Start.Row,
            ["zmin"] = FourDigits(Values.Low),
            ["zmax"] = FourDigits(Values.High),
            ["opacity"] = Threshold is null ? Opacity : 0,
            ["showscale"] = Threshold is null,
            ["colorscale"] = Enumerable
                .Range(0, Stops + 1)
                .Select(i => new object[] { Math.Round((double)i / Stops, 4), ChartColors.Hex(ColorMap[(double)i / Stops]) })
                .ToArray(),
            ["hovertemplate"] =
                Chart.PlotlyEscape(FigureText.RowColumnValue.In(Culture, "%{y}", "%{x}", "%{z}")) + "<extra></extra>",
        };

    private static Dictionary<string, object> PlotlyLine(IReadOnlyList<(double X, double Y)> line) =>
        new()
        {
            ["type"] = "scatter",
            ["mode"] = "lines",
            ["x"] = line.Select(point => FourDigits(point.X)).ToArray(),
            ["y"] = line.Select(point => FourDigits(point.Y)).ToArray(),
            ["line"] = new Dictionary<string, object> { ["color"] = "white", ["width"] = 1.5 },
            ["hoverinfo"] = "skip",
            ["showlegend"] = false,
        };

    private Dictionary<string, object> PlotlyLayout()
    {
        double factor = (double)TileSize / Math.Max(Picture.Height, Picture.Width);
        int right = Threshold is null ? PlotlyLegendWidth : PlotlyMargin;
        return new()
        {
            ["title"] = new Dictionary<string, object> { ["text"] = Chart.PlotlyEscape(Title), ["x"] = 0.5 },
            ["width"] = (int)(Picture.Width * factor) + PlotlyMargin + right,
            ["height"] = (int)(Picture.Height * factor) + (2 * PlotlyMargin),
            ["margin"] = new Dictionary<string, object>
            {
                ["l"] = PlotlyMargin,
                ["r"] = right,
                ["t"] = PlotlyMargin,
                ["b"] = PlotlyMargin,
            },
            ["xaxis"] = new Dictionary<string, object>
            {
                ["range"] = new[] { -0.5, Picture.Width - 0.5 },
                ["visible"] = false,
                ["constrain"] = "domain",
            },
            ["yaxis"] = new Dictionary<string, object>
            {
                ["range"] = new[] { Picture.Height - 0.5, -0.5 },
                ["visible"] = false,
                ["scaleanchor"] = "x",
                ["constrain"] = "domain",
            },
            ["images"] = new[] { PlotlyPicture(factor) },
        };
    }

    private Dictionary<string, object> PlotlyPicture(double factor)
    {
        Image below = Threshold is { } threshold ? Picture.Mask(Map, threshold) : Picture;
        return new()
        {
            ["source"] = ImageDataUri.ToDataUri(below, Math.Max(1, (int)factor)),
            ["xref"] = "x",
            ["yref"] = "y",
            ["x"] = -0.5,
            ["y"] = -0.5,
            ["sizex"] = Picture.Width,
            ["sizey"] = Picture.Height,
            ["sizing"] = "stretch",
            ["layer"] = "below",
        };
    }

    private static double FourDigits(double value) =>
        double.Parse(value.ToString("g4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private protected override Drawing Compose()
    {
        ValueRange range = Values;
        Image shown = Threshold is { } threshold ? Picture.Mask(Map, threshold) : Picture.Blend(Map, ColorMap, Opacity, range);
        ColorBar? bar = Threshold is null ? MapScale.Common.Bar(ColorMap, range, Culture) : null;
        string[] notes =
        [
            Threshold is { } t ? FigureText.MaskNote.In(Culture, FigureText.Number(t)) : "",
            Contours.Count > 0
                ? FigureText.ContoursNote.In(Culture, FigureText.And.Join(Culture, Contours.Select(FigureText.Number)))
                : "",
        ];
        var tile = new Tile(shown, "") { Lines = ContoursOfMap() };
        return new TileGrid(
            [tile],
            1,
            TileSize,
            12,
            Title,
            string.Join('\n', notes.Where(note => note.Length > 0)),
            bar
        ).Compose();
    }

    private IReadOnlyList<IReadOnlyList<(double X, double Y)>> ContoursOfMap() =>
        [
            .. Contours
                .SelectMany(level => ContourLines.Trace(Map, level))
                .Select(line => line.Select(point => (point.X + Start.Column, point.Y + Start.Row)).ToArray()),
        ];

    /// <summary>
    /// The same of a smaller picture: a notebook is not filled with millions of numbers, and no screen shows them.
    /// </summary>
    private MapOverlay Reduced()
    {
        Image small = ImageFile.Within(Picture, LargestTile);
        return new MapOverlay(small, Map.Place(small.Height, small.Width))
        {
            Title = Title,
            ColorMap = ColorMap,
            Opacity = Opacity,
            TileSize = TileSize,
            Range = Values,
            Contours = Contours,
            Threshold = Threshold,
            Culture = Culture,
        };
    }

    /// <summary>A photograph is shown larger than a small picture: at twice the tile's size, as figures are saved, up to its own
    /// resolution.</summary>
    private static int TileSizeOf(Image picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return Math.Clamp(Math.Max(picture.Height, picture.Width) / 2, SmallestTile, LargestTile);
    }
}

using AttentionLab.Imaging;
using SkiaSharp;

namespace AttentionLab.Figures;

/// <summary>
/// Lays out captioned pictures in rows, with a title above, a note below and a legend of colours at the right. Pictures of few
/// pixels are enlarged by a whole factor with crisp edges, large ones are reduced smoothly.
/// </summary>
internal sealed class TileGrid
{
    private const float Margin = 12,
        Gap = 10,
        CaptionGap = 3,
        TitleSize = 16,
        NoteSize = 12,
        BarWidth = 14,
        BarGap = 14,
        BarHeight = 200;
    private static readonly SKColor Ink = new(0x22, 0x22, 0x22),
        Faint = new(0x55, 0x55, 0x55);

    private readonly IReadOnlyList<Tile?> _tiles;
    private readonly int _columns,
        _rows;
    private readonly float _tileWidth,
        _tileHeight,
        _captionSize;
    private readonly TextBlock?[] _captions;
    private readonly float[] _captionHeights;
    private readonly ColorBar? _bar;
    private readonly string _title,
        _note;

    /// <param name="tiles">Row by row; null leaves a place empty.</param>
    /// <param name="columns">How many stand side by side.</param>
    /// <param name="tileSize">About how wide and high a tile is at most, in logical pixels.</param>
    /// <param name="captionSize">Of the words above the tiles.</param>
    /// <param name="title">Above all tiles.</param>
    /// <param name="note">Below them.</param>
    /// <param name="bar">Right of them.</param>
    public TileGrid(
        IReadOnlyList<Tile?> tiles,
        int columns,
        float tileSize,
        float captionSize,
        string title = "",
        string note = "",
        ColorBar? bar = null
    )
    {
        (_tiles, _columns, _captionSize, _title, _note, _bar) = (
            tiles,
            Math.Min(columns, tiles.Count),
            captionSize,
            title,
            note,
            bar
        );
        _rows = (tiles.Count + _columns - 1) / _columns;
        int width = tiles.Max(t => t?.Picture.Width ?? 0),
            height = tiles.Max(t => t?.Picture.Height ?? 0),
            side = Math.Max(width, height);
        float factor = side <= tileSize ? MathF.Floor(tileSize / side) : tileSize / side;
        (_tileWidth, _tileHeight) = (MathF.Ceiling(width * factor), MathF.Ceiling(height * factor));
        _captions =
        [
            .. tiles.Select(t =>
                string.IsNullOrEmpty(t?.Caption) ? null : new TextBlock(t.Caption, captionSize, _tileWidth + (Gap / 2), 4)
            ),
        ];
        _captionHeights =
        [
            .. Enumerable
                .Range(0, _rows)
                .Select(r => Row(r).Max(i => _captions[i] is { } caption ? caption.Height + CaptionGap : 0)),
        ];
    }

    public Drawing Compose()
    {
        float barLabels = _bar is { } bar ? new[] { bar.Low, bar.Middle, bar.High }.Max(t => TextBlock.Measure(t, NoteSize)) : 0;
        float tilesWidth = (_columns * (_tileWidth + Gap)) - Gap;
        float inner = tilesWidth + (_bar is null ? 0 : BarGap + BarWidth + 6 + barLabels);

        // A narrow grid is widened for its words, so that they do not stand in a column of single ones.
        float words = Math.Min(420, Math.Max(TextBlock.Measure(_title, TitleSize), TextBlock.Measure(_note, NoteSize)));
        float width = MathF.Ceiling(Math.Max(inner, words) + (2 * Margin));
        float left = MathF.Floor((width - inner) / 2);
        TextBlock? title = _title.Length == 0 ? null : new TextBlock(_title, TitleSize, width - (2 * Margin), 3);
        TextBlock? note = _note.Length == 0 ? null : new TextBlock(_note, NoteSize, width - (2 * Margin));
        float top = Margin + (title is null ? 0 : title.Height + (Gap / 2));
        float tilesHeight = _captionHeights.Sum() + (_rows * (_tileHeight + Gap)) - Gap;
        float height = MathF.Ceiling(top + tilesHeight + Margin + (note is null ? 0 : note.Height));
        return new Drawing(
            width,
            height,
            canvas =>
            {
                title?.Draw(canvas, width / 2, Margin, Ink);
                float y = top;
                for (int r = 0; r < _rows; r++)
                {
                    y += _captionHeights[r];
                    foreach (int i in Row(r))
                    {
                        float x = left + ((i % _columns) * (_tileWidth + Gap));
                        _captions[i]?.Draw(canvas, x + (_tileWidth / 2), y - CaptionGap - _captions[i]!.Height, Ink);
                        if (_tiles[i] is { } tile)
                        {
                            DrawTile(canvas, tile, new SKRect(x, y, x + _tileWidth, y + _tileHeight));
                        }
                    }

                    y += _tileHeight + Gap;
                }

                if (_bar is { } legend)
                {
                    DrawBar(
                        canvas,
                        legend,
                        left + tilesWidth + BarGap,
                        top + _captionHeights[0],
                        Math.Min(BarHeight, tilesHeight - _captionHeights[0])
                    );
                }

                note?.Draw(canvas, width / 2, top + tilesHeight + (Margin / 2), Faint);
            }
        );
    }

    private IEnumerable<int> Row(int row) =>
        Enumerable.Range(row * _columns, Math.Min(_columns, _tiles.Count - (row * _columns)));

    private static void DrawTile(SKCanvas canvas, Tile tile, SKRect place)
    {
        Image picture = tile.Picture;
        using SKImage image = PngFile.ImageOf(picture);

        // Pictures of several sizes in one grid keep their proportions and stand in the middle of their places.
        float factor = Math.Min(place.Width / picture.Width, place.Height / picture.Height);
        factor = factor >= 1 ? MathF.Floor(factor) : factor;
        (float width, float height) = (picture.Width * factor, picture.Height * factor);
        float x = MathF.Floor(place.MidX - (width / 2)),
            y = MathF.Floor(place.MidY - (height / 2));
        SKSamplingOptions sampling = factor >= 1 ? new(SKFilterMode.Nearest) : new(SKFilterMode.Linear, SKMipmapMode.Linear);
        canvas.DrawImage(image, new SKRect(x, y, x + width, y + height), sampling);
        DrawLines(canvas, tile.Lines, x, y, factor);
    }

    private static void DrawLines(
        SKCanvas canvas,
        IReadOnlyList<IReadOnlyList<(double X, double Y)>> lines,
        float left,
        float top,
        float factor
    )
    {
        // White on black: seen on every ground.
        using var dark = new SKPaint
        {
            Color = new SKColor(0, 0, 0, 170),
            Style = SKPaintStyle.Stroke,
            StrokeWidth = 2.8f,
            IsAntialias = true,
            StrokeJoin = SKStrokeJoin.Round,
        };
        using var light = new SKPaint
        {
            Color = SKColors.White,
            Style = SKPaintStyle.Stroke,
            StrokeWidth = 1.2f,
            IsAntialias = true,
            StrokeJoin = SKStrokeJoin.Round,
        };
        foreach (IReadOnlyList<(double X, double Y)> line in lines)
        {
            using var path = new SKPath();
            path.AddPoly(
                [
                    .. line.Select(point => new SKPoint(
                        left + (((float)point.X + 0.5f) * factor),
                        top + (((float)point.Y + 0.5f) * factor)
                    )),
                ],
                line[0] == line[^1]
            );
            canvas.DrawPath(path, dark);
            canvas.DrawPath(path, light);
        }
    }

    internal static void DrawBar(SKCanvas canvas, ColorBar bar, float x, float y, float height)
    {
        var column = new byte[3 * 256];
        for (int i = 0; i < 256; i++)
        {
            System.Drawing.Color color = bar.Map[(255 - i) / 255.0];
            (column[3 * i], column[(3 * i) + 1], column[(3 * i) + 2]) = (color.R, color.G, color.B);
        }

        using SKImage image = PngFile.ImageOf(new Image(256, 1, column));
        canvas.DrawImage(image, new SKRect(x, y, x + BarWidth, y + height), new SKSamplingOptions(SKFilterMode.Linear));
        foreach ((string text, float at) in new[] { (bar.High, 0f), (bar.Middle, 0.5f), (bar.Low, 1f) })
        {
            var label = new TextBlock(text, NoteSize, float.PositiveInfinity);
            label.Draw(canvas, x + BarWidth + 6, y + ((height - label.LineHeight) * at), Faint, SKTextAlign.Left);
        }
    }
}

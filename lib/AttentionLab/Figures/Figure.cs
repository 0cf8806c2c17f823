using System.Globalization;
using System.Net;
using System.Text;
using AttentionLab.Core;
using SkiaSharp;

namespace AttentionLab.Figures;

/// <summary>
/// Something to look at. It shows nothing by itself: a notebook finds its formatters through
/// <see cref="TypeFormatterSourceAttribute"/>, a program asks for the PNG.
/// </summary>
/// <remarks>
/// A figure holds plain numbers and is drawn on demand, any number of times; on one machine it always gives the same bytes.
/// Several threads may draw at once.
/// </remarks>
[TypeFormatterSource(typeof(FigureFormatterSource), PreferredMimeTypes = [FigureFormatterSource.Png, FigureFormatterSource.Text])]
public abstract class Figure
{
    private protected const string Png = ".png",
        Apng = ".apng",
        Gif = ".gif",
        Svg = ".svg",
        Html = ".html";
    private const double LargestSide = 16384;

    private protected Figure() { }

    /// <summary>
    /// Chinese titles for a Chinese culture, else English ones. Default: the culture of the thread's user interface when the
    /// figure was made. Numbers keep a decimal point in both.
    /// </summary>
    public CultureInfo Culture { get; init; } = CultureInfo.CurrentUICulture;

    /// <summary>One sentence, in the figure's language, that says what is seen: for text outputs and screen readers.</summary>
    public abstract string AltText { get; }

    /// <summary>Draws the figure as a PNG file in memory, on white.</summary>
    /// <param name="scale">Pixels per logical pixel; 2 is crisp on a high-resolution screen and in print.</param>
    /// <exception cref="ArgumentOutOfRangeException">The scale is not positive, or a side would exceed 16,384 pixels.</exception>
    public byte[] ToPng(double scale = 2)
    {
        if (!(scale > 0))
        {
            throw new ArgumentOutOfRangeException(
                nameof(scale),
                scale,
                "The scale is a positive number of pixels per logical pixel."
            );
        }

        return Render(scale);
    }

    /// <summary>The endings of file names that <see cref="Save"/> writes, such as <c>.png</c>.</summary>
    public virtual IReadOnlyList<string> FileExtensions => [Png, Svg];

    /// <summary>
    /// Writes the figure to a file, as the name's ending asks: <c>.png</c> at scale 2 (of an animation one that moves, as
    /// <c>.apng</c> and <c>.gif</c>, of 256 colours a frame, are), <c>.svg</c> unless lines are dashed, which Skia's SVG writer
    /// cannot, and of charts <c>.html</c>, an interactive page that needs no internet (3.6 MB). Missing folders are made, an
    /// existing file is replaced.
    /// </summary>
    /// <exception cref="ArgumentException">The figure has no such form; the message lists what it has. Nothing is
    /// written.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string extension =
            FileExtensions.FirstOrDefault(known => known.Equals(Path.GetExtension(path), StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException(
                $"{GetType().Name} cannot be written as '{Path.GetFileName(path)}': end the name in "
                    + $"{string.Join(", ", FileExtensions)}.",
                nameof(path)
            );
        AtomicFile.Write(path, Encode(extension));
    }

    /// <summary>
    /// The figure as a Plotly figure object, <c>{"data":[…],"layout":{…}}</c>, without Plotly's default template; null for
    /// a figure that has no interactive form.
    /// </summary>
    public virtual string? ToPlotlyJson() => null;

    /// <summary><see cref="AltText"/>.</summary>
    public override string ToString() => AltText;

    /// <summary>The figure's own HTML with its interactive form inside; null for what <see cref="ChartHtml"/> makes of
    /// any.</summary>
    internal virtual string? ToOwnHtml() => null;

    /// <summary>A title, an axis or a caption in the figure's language, where it is one of the course's.</summary>
    private protected string Label(string text) => FigureLabels.In(Culture, text);

    /// <summary>The drawing, to stand in another figure.</summary>
    internal Drawing Draw() => Compose();

    private protected abstract Drawing Compose();

    private protected virtual byte[] Encode(string extension) =>
        extension switch
        {
            Svg => Encoding.UTF8.GetBytes(ToSvg()),
            Html => Encoding.UTF8.GetBytes(ChartHtml.Page(this)),
            _ => ToPng(),
        };

    private protected virtual byte[] Render(double scale) => Rasterize(Compose(), scale);

    /// <summary>On white, with words as text in the reader's own font.</summary>
    private string ToSvg()
    {
        Drawing drawing = Compose();
        using var file = new MemoryStream();
        using (SKCanvas canvas = SKSvgCanvas.Create(new SKRect(0, 0, drawing.Width, drawing.Height), file))
        {
            using var white = new SKPaint { Color = SKColors.White };
            canvas.DrawRect(0, 0, drawing.Width, drawing.Height, white);
            drawing.Draw(canvas);
        }

        string svg = Encoding.UTF8.GetString(file.ToArray());
        int root = svg.IndexOf('>', svg.IndexOf("<svg", StringComparison.Ordinal)) + 1;

        // Skia names no other font, and would let a picture's pixels be smoothed.
        const string Style =
            "text{font-family:'Noto Sans CJK SC','Noto Sans SC','Source Sans 3','PingFang SC','Microsoft "
            + "YaHei',Arial,'Liberation Sans',sans-serif}"
            + "image{image-rendering:optimizeSpeed;image-rendering:pixelated}";
        return svg.Insert(root, $"<title>{WebUtility.HtmlEncode(AltText)}</title><style>{Style}</style>");
    }

    private protected static byte[] Rasterize(Drawing drawing, double scale)
    {
        double width = Math.Ceiling(drawing.Width * scale),
            height = Math.Ceiling(drawing.Height * scale);
        if (Math.Max(width, height) > LargestSide)
        {
            throw new ArgumentOutOfRangeException(
                nameof(scale),
                scale,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The figure would have {width}×{height} pixels; {LargestSide} a side are the most. Lower the scale or "
                        + $"show fewer things."
                )
            );
        }

        var info = new SKImageInfo((int)width, (int)height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using SKSurface surface = SKSurface.Create(info);
        surface.Canvas.Clear(SKColors.White);
        surface.Canvas.Scale((float)scale);
        drawing.Draw(surface.Canvas);
        using SKPixmap pixels = surface.PeekPixels();
        // Rows of enlarged pixels equal the row above: the filter "up" is the fastest here and packs best.
        using SKData png =
            pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Up, 3))
            ?? throw new InvalidOperationException("SkiaSharp could not encode the picture as PNG.");
        return png.ToArray();
    }
}

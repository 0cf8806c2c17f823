using System.Drawing;
using System.Globalization;
using AttentionLab.Core;
using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;
using Color = System.Drawing.Color;

namespace AttentionLab.Figures;

/// <summary>
/// A figure with axes: title, legend, axis titles and a grid around what a derived class draws. PNG by ScottPlot, interactive by
/// Plotly.
/// </summary>
[TypeFormatterSource(
    typeof(FigureFormatterSource),
    PreferredMimeTypes = [
        FigureFormatterSource.Plotly,
        FigureFormatterSource.Html,
        FigureFormatterSource.Png,
        FigureFormatterSource.Text,
    ]
)]
public abstract class Chart : Figure
{
    private const float TitleSize = 16,
        TextSize = 13,
        TickSize = 12,
        Gap = 8;
    private static readonly SKColor Ink = new(0x22, 0x22, 0x22);
    private static readonly Size DefaultSize = new(560, 360);

    static Chart() => Fonts.FontResolvers.Insert(0, new EmbeddedFontResolver());

    private protected Chart() { }

    /// <summary>Above the chart.</summary>
    public string Title
    {
        get => Label(field);
        init;
    } = "";

    /// <summary>The title in quotation marks, for the alternative text; empty where there is none.</summary>
    private protected string QuotedTitle => Title.Length > 0 ? FigureText.Quoted.In(Culture, Title) : "";

    /// <summary>Below the horizontal axis.</summary>
    public string XTitle
    {
        get => Label(field);
        init;
    } = "";

    /// <summary>Beside the vertical axis.</summary>
    public string YTitle
    {
        get => Label(field);
        init;
    } = "";

    /// <summary>
    /// Whole numbers only on the horizontal axis: for counts, such as epochs. Default: of bars, and of lines of which all are of
    /// numbered values.
    /// </summary>
    public bool IntegerX { get; init; }

    /// <summary>The vertical axis shows this range; null: what the data need.</summary>
    public ValueRange? YRange { get; init; }

    /// <summary>Logical pixels, width × height; at least 200×150.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is smaller.</exception>
    public Size Size
    {
        get;
        init =>
            field = value is { Width: >= 200, Height: >= 150 }
                ? value
                : throw new ArgumentOutOfRangeException(
                    nameof(value),
                    value,
                    "A chart has at least 200×150 logical pixels: its text needs room."
                );
    } = DefaultSize;

    /// <inheritdoc/>
    public override IReadOnlyList<string> FileExtensions => HasDashes ? [Png, Html] : [Png, Svg, Html];

    /// <inheritdoc/>
    public override string? ToPlotlyJson() => PlotlyPanels.ToJson([this]);

    /// <summary>What the legend lists; nothing: no legend.</summary>
    private protected abstract IReadOnlyList<LegendEntry> Legend { get; }

    private protected virtual bool HasDashes => Legend.Any(entry => entry.Dashed);

    /// <summary>Plotly's traces by attribute name; plain values only, so that nothing here needs Plotly.NET.</summary>
    internal abstract IEnumerable<Dictionary<string, object>> PlotlyTraces();

    private protected abstract void AddTo(Plot plot);

    /// <summary>Names at 0, 1, 2 … of the horizontal axis instead of numbers.</summary>
    private protected virtual IReadOnlyList<string>? XNames => null;

    /// <summary>Plotly reads tags such as &lt;b&gt; in its texts; a class name is not markup.</summary>
    internal static string PlotlyEscape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    /// <summary>Six digits, and whole numbers as such: the size of a chart's JSON is the size of its numbers.</summary>
    private protected static object PlotlyNumbers(IReadOnlyList<double> values) =>
        values.All(v => v == Math.Floor(v) && Math.Abs(v) < 1e15)
            ? values.Select(v => (long)v).ToArray()
            : values
                .Select(v => double.Parse(v.ToString("g6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture))
                .ToArray();

    private protected override Drawing Compose() => new(Size.Width, Size.Height, DrawOn);

    internal void DrawOn(SKCanvas canvas)
    {
        // The words around the axes are drawn here and not by ScottPlot: they wrap, and find other fonts, character by character.
        float left = Gap + (YTitle.Length > 0 ? TextBlock.HeightOfLine(TextSize) : 0),
            right = Size.Width - (1.5f * Gap);
        float y = Gap;
        if (Title.Length > 0)
        {
            var title = new TextBlock(Title, TitleSize, Size.Width - (2 * Gap), 2);
            title.Draw(canvas, Size.Width / 2f, y, Ink);
            y += title.Height + (Gap / 2);
        }

        y = DrawLegend(canvas, y);
        float bottom = Size.Height - Gap;
        if (XTitle.Length > 0)
        {
            var xTitle = new TextBlock(XTitle, TextSize, Size.Width - (2 * Gap), 1);
            bottom -= xTitle.Height;
            xTitle.Draw(canvas, (left + right) / 2, bottom + (Gap / 4), Ink);
        }

        if (YTitle.Length > 0)
        {
            canvas.Save();
            canvas.RotateDegrees(-90);
            new TextBlock(YTitle, TextSize, bottom - y, 1).Draw(canvas, -(y + bottom) / 2, Gap / 2, Ink);
            canvas.Restore();
        }

        DrawAxes(canvas, new PixelRect(left, right, bottom, y));
    }

    /// <summary>Axis limits that show a single value too.</summary>
    private protected static (double Low, double High) Widen(double low, double high, double margin) =>
        high > low ? (low - (margin * (high - low)), high + (margin * (high - low))) : (low - 0.5, high + 0.5);

    private float DrawLegend(SKCanvas canvas, float top)
    {
        const float Line = 24,
            Space = 20;
        float most = Size.Width - (2 * Gap);
        (LegendEntry Entry, TextBlock Text)[] entries =
        [
            .. Legend.Select(e => (e, new TextBlock(e.Name, TickSize, most - Line - Gap, 1))),
        ];
        float WidthOf(IEnumerable<(LegendEntry, TextBlock Text)> row) => row.Sum(e => Line + 6 + e.Text.Width + Space) - Space;

        // As many in each row: two and two rather than three and one.
        for (int rows = 1; rows <= entries.Length; rows++)
        {
            List<(LegendEntry Entry, TextBlock Text)[]> chunks = [.. entries.Chunk((entries.Length + rows - 1) / rows)];
            if (rows < entries.Length && chunks.Any(row => WidthOf(row) > most))
            {
                continue;
            }

            foreach ((LegendEntry Entry, TextBlock Text)[] row in chunks)
            {
                float x = (Size.Width - WidthOf(row)) / 2;
                foreach ((LegendEntry entry, TextBlock text) in row)
                {
                    entry.Draw(canvas, x, top + (text.LineHeight / 2), Line);
                    text.Draw(canvas, x + Line + 6, top, Ink, SKTextAlign.Left);
                    x += Line + 6 + text.Width + Space;
                }

                top += row[0].Text.LineHeight + 2;
            }

            break;
        }

        return top;
    }

    private void DrawAxes(SKCanvas canvas, PixelRect area)
    {
        using var plot = new Plot();
        AddTo(plot);
        plot.FigureBackground.Color = Colors.White;
        plot.Grid.MajorLineColor = ScottPlot.Color.FromHex("#e4e4e4");
        plot.Axes.Bottom.TickGenerator = XNames is null
            ? Ticks(IntegerX)
            : new NumericManual([.. XNames.Select((_, i) => new Tick(i, ""))]);
        plot.Axes.Left.TickGenerator = Ticks(false);
        foreach (IAxis axis in plot.Axes.GetAxes())
        {
            axis.TickLabelStyle.FontName = EmbeddedFontResolver.Name;
            axis.TickLabelStyle.FontSize = TickSize;
            axis.TickLabelStyle.OffsetY = axis.Edge is Edge.Left or Edge.Right ? 7.5f : 5;
            axis.TickLabelStyle.ForeColor = ScottPlot.Color.FromHex("#222222");
            axis.FrameLineStyle.Color = ScottPlot.Color.FromHex("#888888");
            axis.MajorTickStyle.Color = axis.MinorTickStyle.Color = ScottPlot.Color.FromHex("#888888");
            axis.MinorTickStyle.Length = 0;
        }

        plot.Axes.Top.FrameLineStyle.Width = plot.Axes.Right.FrameLineStyle.Width = 0;
        // Names that are wider than their places lean.
        TextBlock[] names = [.. XNames?.Select(name => new TextBlock(name, TickSize, 160, 1)) ?? []];
        float widest = names.Select(n => n.Width).DefaultIfEmpty().Max();
        bool lean = widest + 4 > (area.Width - 40) / Math.Max(1, names.Length);
        if (names.Length > 0)
        {
            plot.Axes.Bottom.MinimumSize = lean ? 16 + (widest * 0.71f) + TickSize : 12 + names[0].LineHeight;
        }

        canvas.Save();

        // ScottPlot clears the whole canvas before it draws.
        canvas.ClipRect(new SKRect(area.Left, area.Top, area.Right, area.Bottom));
        plot.Render(canvas, area);
        canvas.Restore();
        for (int i = 0; i < names.Length; i++)
        {
            canvas.Save();
            canvas.Translate(plot.GetPixel(new Coordinates(i, 0)).X, plot.LastRender.DataRect.Bottom + 8);
            canvas.RotateDegrees(lean ? -45 : 0);
            names[i].Draw(canvas, lean ? 4 : 0, lean ? -4 : 0, Ink, lean ? SKTextAlign.Right : SKTextAlign.Center);
            canvas.Restore();
        }
    }

    private static NumericAutomatic Ticks(bool integer) =>
        new()
        {
            IntegerTicksOnly = integer,
            LabelFormatter = value =>
                Math.Abs(value) is 0 or (>= 0.0001 and < 1e7)
                    ? value.ToString("#,0.######", CultureInfo.InvariantCulture).Replace('-', '−')
                    : FigureText.Number(value),
        };

    /// <summary>A line or a box, and its name.</summary>
    private protected sealed record LegendEntry(string Name, Color Color, double Opacity, bool Dashed, bool Box)
    {
        public void Draw(SKCanvas canvas, float x, float middle, float width)
        {
            using SKPathEffect? dash = Dashed ? SKPathEffect.CreateDash([6, 4], 0) : null;
            using var paint = new SKPaint
            {
                Color = new SKColor(Color.R, Color.G, Color.B, (byte)(255 * Opacity)),
                StrokeWidth = Box ? 10 : 2.5f,
                Style = SKPaintStyle.Stroke,
                PathEffect = dash,
                IsAntialias = true,
            };
            canvas.DrawLine(Box ? x + width - 10 : x, middle, x + width, middle, paint);
        }
    }
}

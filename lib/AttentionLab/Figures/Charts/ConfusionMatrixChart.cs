using System.Globalization;
using System.Text.Json;
using AttentionLab.Training;
using SkiaSharp;

namespace AttentionLab.Figures;

/// <summary>
/// Which classes a network takes for which: a square of counts, a row for each true class, a column for each predicted one. A
/// cell's colour is its share of the row, so that classes with many and with few pictures compare. Counts are written for up to
/// 30 classes.
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
public sealed class ConfusionMatrixChart : Figure
{
    private const int MostNumbered = 30;
    private const float Margin = 12,
        TextSize = 12,
        AxisSize = 13,
        TitleSize = 16,
        LongestName = 180,
        Gap = 6;
    private static readonly SKColor Ink = new(0x22, 0x22, 0x22),
        Faint = new(0x55, 0x55, 0x55),
        Line = new(0xdd, 0xdd, 0xdd),
        Zero = new(0xaa, 0xaa, 0xaa),
        Full = new(ChartColors.Blue.R, ChartColors.Blue.G, ChartColors.Blue.B);

    private readonly int[,] _counts;

    /// <summary>Makes the chart.</summary>
    /// <param name="classNames">The K classes' names.</param>
    /// <param name="counts">K×K, true classes in rows, predicted ones in columns; none negative.</param>
    /// <exception cref="ArgumentException">The list of classes is empty, the counts are not K×K, or one is negative.</exception>
    public ConfusionMatrixChart(IReadOnlyList<string> classNames, int[,] counts)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        ArgumentNullException.ThrowIfNull(counts);
        int classes = classNames.Count;
        if (classes == 0 || counts.GetLength(0) != classes || counts.GetLength(1) != classes)
        {
            throw new ArgumentException(
                $"There are {counts.GetLength(0)}×{counts.GetLength(1)} counts for {classes} class names: it needs K×K of K "
                    + "classes, at least one.",
                nameof(counts)
            );
        }

        if (counts.Cast<int>().Any(count => count < 0))
        {
            throw new ArgumentException("A count is negative: each is a number of pictures.", nameof(counts));
        }

        ClassNames = [.. classNames];
        _counts = (int[,])counts.Clone();
    }

    /// <summary>The chart of an evaluation.</summary>
    public static ConfusionMatrixChart Of(Evaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        return new ConfusionMatrixChart(evaluation.ClassNames, evaluation.ConfusionMatrix);
    }

    /// <summary>The classes' names.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Above the chart.</summary>
    public string Title
    {
        get => Label(field);
        init;
    } = "";

    /// <inheritdoc/>
    public override string AltText
    {
        get
        {
            int all = _counts.Cast<int>().Sum(),
                right = Classes.Sum(c => _counts[c, c]);
            (int row, int column) = (
                from r in Classes
                from c in Classes
                where r != c
                orderby _counts[r, c] descending
                select (r, c)
            ).FirstOrDefault();
            string text = FigureText.ConfusionAlt.In(Culture, all, ClassNames.Count, right);
            return row == column || _counts[row, column] == 0
                ? text
                : text + FigureText.ConfusionMostAlt.In(Culture, ClassNames[row], ClassNames[column], _counts[row, column]);
        }
    }

    private IEnumerable<int> Classes => Enumerable.Range(0, ClassNames.Count);

    /// <inheritdoc/>
    public override IReadOnlyList<string> FileExtensions => [Png, Svg, Html];

    /// <inheritdoc/>
    public override string? ToPlotlyJson()
    {
        // Categories by number: two classes may have one name.
        int[] places = [.. Classes];
        string[] names = [.. ClassNames.Select(Chart.PlotlyEscape)];
        float side = SideOfCell();
        Dictionary<string, object> Axis(string title) =>
            new()
            {
                ["title"] = new { text = title, standoff = 12 },
                ["tickvals"] = places,
                ["ticktext"] = names,
                ["automargin"] = true,
                ["showgrid"] = false,
                ["zeroline"] = false,
            };
        Dictionary<string, object> x = Axis(FigureText.PredictedClass.In(Culture)),
            y = Axis(FigureText.TrueClass.In(Culture));
        x["tickangle"] = -45;
        y["autorange"] = "reversed";
        var trace = new Dictionary<string, object>
        {
            ["type"] = "heatmap",
            ["x"] = places,
            ["y"] = places,
            ["z"] = Classes.Select(r => Classes.Select(c => Math.Round(Share(r, c), 4))),
            ["text"] = Classes.Select(r => Classes.Select(c => _counts[r, c])),
            ["hovertext"] = Classes.Select(r => Classes.Select(c => $"{names[r]} → {names[c]}: {_counts[r, c]}")),
            ["hoverinfo"] = "text",
            ["colorscale"] = new object[]
            {
                new object[] { 0, "#ffffff" },
                new object[] { 1, ChartColors.Hex(ChartColors.Blue) },
            },
            ["zmin"] = 0,
            ["zmax"] = 1,
            ["showscale"] = false,
        };
        if (ClassNames.Count <= MostNumbered)
        {
            trace["texttemplate"] = "%{text}";
        }

        return JsonSerializer.Serialize(
            new
            {
                data = new[] { trace },
                layout = new
                {
                    title = new { text = Chart.PlotlyEscape(Title), x = 0.5 },
                    xaxis = x,
                    yaxis = y,
                    width = Math.Ceiling((side * ClassNames.Count) + 220),
                    height = Math.Ceiling((side * ClassNames.Count) + 220),
                    plot_bgcolor = "white",
                },
            }
        );
    }

    private protected override Drawing Compose()
    {
        int classes = ClassNames.Count;
        float side = SideOfCell(),
            square = side * classes;
        bool named = side >= TextSize;
        TextBlock[] names = named ? [.. ClassNames.Select(name => new TextBlock(name, TextSize, LongestName, 1))] : [];
        float widest = names.Select(name => name.Width).DefaultIfEmpty().Max(),
            axis = TextBlock.HeightOfLine(AxisSize);
        bool lean = widest + 4 > side;
        float namesBelow =
            names.Length == 0 ? 0
            : lean ? (widest * 0.71f) + TextSize + 4
            : names[0].LineHeight;

        // The first leaning names reach to the left of their column.
        float left = Margin + Math.Max(axis + widest + Gap, lean ? (widest * 0.71f) - (side / 2) + 4 : 0);
        var predicted = new TextBlock(FigureText.PredictedClass.In(Culture), AxisSize, float.PositiveInfinity);
        float width = MathF.Ceiling(left + Math.Max(square, predicted.Width) + Margin);
        TextBlock? title = Title.Length == 0 ? null : new TextBlock(Title, TitleSize, width - (2 * Margin), 3);
        var note = new TextBlock(FigureText.ConfusionNote.In(Culture), TextSize, width - (2 * Margin));
        float top = Margin + (title is null ? 0 : title.Height + Gap);
        float height = MathF.Ceiling(top + square + Gap + namesBelow + axis + Gap + note.Height + Margin);
        return new Drawing(
            width,
            height,
            canvas =>
            {
                title?.Draw(canvas, width / 2, Margin, Ink);
                DrawCells(canvas, left, top, side);
                for (int i = 0; i < names.Length; i++)
                {
                    float middle = (i + 0.5f) * side;
                    names[i].Draw(canvas, left - Gap, top + middle - (names[i].LineHeight / 2), Ink, SKTextAlign.Right);
                    canvas.Save();
                    canvas.Translate(left + middle, top + square + Gap);
                    canvas.RotateDegrees(lean ? -45 : 0);
                    names[i].Draw(canvas, lean ? 4 : 0, lean ? -4 : 0, Ink, lean ? SKTextAlign.Right : SKTextAlign.Center);
                    canvas.Restore();
                }

                predicted.Draw(canvas, left + (square / 2), top + square + Gap + namesBelow, Ink);
                canvas.Save();
                canvas.RotateDegrees(-90);
                new TextBlock(FigureText.TrueClass.In(Culture), AxisSize, float.PositiveInfinity).Draw(
                    canvas,
                    -(top + (square / 2)),
                    Margin - 4,
                    Ink
                );
                canvas.Restore();
                note.Draw(canvas, width / 2, height - Margin - note.Height, Faint);
            }
        );
    }

    private void DrawCells(SKCanvas canvas, float left, float top, float side)
    {
        using var fill = new SKPaint();
        using var frame = new SKPaint
        {
            Color = Line,
            Style = SKPaintStyle.Stroke,
            StrokeWidth = 1,
        };
        bool numbered = ClassNames.Count <= MostNumbered;
        foreach (int row in Classes)
        {
            foreach (int column in Classes)
            {
                float share = (float)Share(row, column);
                var place = SKRect.Create(left + (column * side), top + (row * side), side, side);
                byte Mix(byte full) => (byte)MathF.Round(255 + (share * (full - 255)));
                fill.Color = new SKColor(Mix(Full.Red), Mix(Full.Green), Mix(Full.Blue));
                canvas.DrawRect(place, fill);
                if (!numbered)
                {
                    continue;
                }

                canvas.DrawRect(place, frame);
                var count = new TextBlock(TextOf(_counts[row, column]), TextSize, float.PositiveInfinity);
                SKColor ink =
                    share > 0.55f ? SKColors.White
                    : _counts[row, column] == 0 ? Zero
                    : Ink;
                count.Draw(canvas, place.MidX, place.MidY - (count.LineHeight / 2), ink);
            }
        }
    }

    /// <summary>As wide as the widest count where counts are written, else what makes a readable square.</summary>
    private float SideOfCell() =>
        ClassNames.Count <= MostNumbered
            ? Math.Max(30, _counts.Cast<int>().Max(count => TextBlock.Measure(TextOf(count), TextSize)) + 10)
            : Math.Max(2, 900f / ClassNames.Count);

    private double Share(int row, int column)
    {
        int pictures = Classes.Sum(c => _counts[row, c]);
        return pictures == 0 ? 0 : (double)_counts[row, column] / pictures;
    }

    private static string TextOf(int count) => count.ToString("#,0", CultureInfo.InvariantCulture);
}

using System.Globalization;
using AttentionLab.Imaging;
using ScottPlot;
using ScottPlot.Plottables;
using Color = System.Drawing.Color;

namespace AttentionLab.Figures;

/// <summary>
/// Lines over a common axis. A line of few points shows each as a dot; a line of more than 2,000 is thinned, spikes kept.
/// </summary>
public sealed class LineChart : Chart
{
    /// <summary>The points at most that a line is drawn with; see <see cref="LineSeries.Thin"/>.</summary>
    public const int MostPoints = 2000;

    private const int MostDots = 30;
    private readonly LineSeries[] _series;

    /// <summary>Makes the chart of its lines.</summary>
    /// <exception cref="ArgumentException">
    /// The list of lines is empty, a line has no points or different numbers of X and Y, or a value is NaN or infinite.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An opacity is outside [0, 1].</exception>
    public LineChart(params IReadOnlyList<LineSeries> series)
    {
        ArgumentNullException.ThrowIfNull(series);
        if (series.Count == 0)
        {
            throw new ArgumentException("A line chart needs a line.", nameof(series));
        }

        foreach (LineSeries line in series)
        {
            Check(line, nameof(series));
        }

        IntegerX = series.All(line => line.IsCounted);
        Series = [.. series];
        _series = [.. series.Select(s => s.Thin(MostPoints))];
    }

    /// <summary>The lines, as they were given.</summary>
    public IReadOnlyList<LineSeries> Series { get; }

    /// <inheritdoc/>
    public override string AltText =>
        FigureText.LinesAlt.In(
            Culture,
            QuotedTitle,
            FigureText.Then.Join(
                Culture,
                Series.Select(s =>
                    FigureText.LineAlt.In(
                        Culture,
                        Label(s.Name),
                        FigureText.Number(s.Y[0]),
                        FigureText.Number(s.Y[^1]),
                        s.Y.Count
                    )
                )
            )
        );

    private protected override IReadOnlyList<LegendEntry> Legend =>
        [
            .. _series
                .Select((s, i) => new LegendEntry(Label(s.Name), ColorOf(i), s.Opacity, s.Dashed, Box: false))
                .Where(e => e.Name.Length > 0),
        ];

    private protected override bool HasDashes => _series.Any(series => series.Dashed);

    internal override IEnumerable<Dictionary<string, object>> PlotlyTraces() =>
        _series.Select(
            (s, i) =>
                new Dictionary<string, object>
                {
                    ["type"] = "scatter",
                    ["mode"] = s.Y.Count <= MostDots ? "lines+markers" : "lines",
                    ["name"] = PlotlyEscape(Label(s.Name)),
                    ["x"] = PlotlyNumbers(s.X),
                    ["y"] = PlotlyNumbers(s.Y),
                    ["opacity"] = s.Opacity,
                    ["line"] = s.Dashed
                        ? new Dictionary<string, object>
                        {
                            ["color"] = ChartColors.Hex(ColorOf(i)),
                            ["width"] = s.LineWidth,
                            ["dash"] = "dash",
                        }
                        : new Dictionary<string, object> { ["color"] = ChartColors.Hex(ColorOf(i)), ["width"] = s.LineWidth },
                }
        );

    private protected override void AddTo(Plot plot)
    {
        for (int i = 0; i < _series.Length; i++)
        {
            LineSeries series = _series[i];
            Scatter line = plot.Add.Scatter(series.X.ToArray(), series.Y.ToArray());
            line.Color = new ScottPlot.Color(ColorOf(i).R, ColorOf(i).G, ColorOf(i).B).WithAlpha(series.Opacity);
            line.LineWidth = (float)series.LineWidth;
            line.LinePattern = series.Dashed ? LinePattern.Dashed : LinePattern.Solid;
            line.MarkerSize = series.Y.Count <= MostDots ? 5 : 0;
        }

        (double left, double right) = Widen(_series.Min(s => s.X.Min()), _series.Max(s => s.X.Max()), 0.03);
        (double low, double high) = Widen(_series.Min(s => s.Y.Min()), _series.Max(s => s.Y.Max()), 0.05);
        plot.Axes.SetLimits(left, right, YRange?.Low ?? low, YRange?.High ?? high);
    }

    private Color ColorOf(int i) => _series[i].Color ?? ChartColors.Palette[i % ChartColors.Palette.Count];

    private static void Check(LineSeries line, string name)
    {
        ArgumentNullException.ThrowIfNull(line, name);
        if (line.X.Count != line.Y.Count)
        {
            throw new ArgumentException(
                $"The line '{line.Name}' has {line.X.Count} X and {line.Y.Count} Y: each point needs both.",
                name
            );
        }

        if (line.Y.Count == 0)
        {
            throw new ArgumentException($"The line '{line.Name}' has no points.", name);
        }

        for (int i = 0; i < line.Y.Count; i++)
        {
            if (!double.IsFinite(line.X[i]) || !double.IsFinite(line.Y[i]))
            {
                throw new ArgumentException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The line '{line.Name}' has the point ({line.X[i]}, {line.Y[i]}) at index {i}: only finite numbers "
                            + $"can be drawn."
                    ),
                    name
                );
            }
        }

        OpacityRange.ThrowUnlessInside(line.Opacity);
    }
}

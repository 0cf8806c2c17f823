using ScottPlot;
using ScottPlot.Plottables;
using Color = System.Drawing.Color;

namespace AttentionLab.Figures;

/// <summary>Points, a dot for each: whether two numbers of the same things go together.</summary>
public sealed class ScatterChart : Chart
{
    private readonly LineSeries[] _series;

    /// <summary>Makes the chart of groups of points.</summary>
    /// <param name="groups">Each its colour and its name in the legend; an empty name stays out of it.</param>
    /// <exception cref="ArgumentException">The list of groups is empty, a group has no points or different numbers of X and Y,
    /// or a value is NaN or infinite.</exception>
    public ScatterChart(params IReadOnlyList<LineSeries> groups)
    {
        _series = [.. new LineChart(groups).Series]; // the same rules
    }

    /// <summary>The groups of points.</summary>
    public IReadOnlyList<LineSeries> Groups => _series;

    /// <inheritdoc/>
    public override string AltText =>
        FigureText.ScatterAlt.In(
            Culture,
            QuotedTitle,
            _series.Sum(group => group.X.Count),
            Range(_series.SelectMany(group => group.X)),
            Range(_series.SelectMany(group => group.Y)),
            XTitle,
            YTitle
        );

    private protected override IReadOnlyList<LegendEntry> Legend =>
        [
            .. _series
                .Select((s, i) => new LegendEntry(Label(s.Name), ColorOf(i), s.Opacity, Dashed: false, Box: true))
                .Where(entry => entry.Name.Length > 0),
        ];

    internal override IEnumerable<Dictionary<string, object>> PlotlyTraces() =>
        _series.Select(
            (s, i) =>
                new Dictionary<string, object>
                {
                    ["type"] = "scatter",
                    ["mode"] = "markers",
                    ["name"] = PlotlyEscape(Label(s.Name)),
                    ["x"] = PlotlyNumbers(s.X),
                    ["y"] = PlotlyNumbers(s.Y),
                    ["opacity"] = s.Opacity,
                    ["marker"] = new Dictionary<string, object> { ["color"] = ChartColors.Hex(ColorOf(i)), ["size"] = 7 },
                }
        );

    private protected override void AddTo(Plot plot)
    {
        for (int i = 0; i < _series.Length; i++)
        {
            Scatter dots = plot.Add.ScatterPoints(_series[i].X.ToArray(), _series[i].Y.ToArray());
            dots.Color = new ScottPlot.Color(ColorOf(i).R, ColorOf(i).G, ColorOf(i).B).WithAlpha(_series[i].Opacity);
            dots.MarkerSize = 7;
        }

        (double left, double right) = Widen(_series.Min(s => s.X.Min()), _series.Max(s => s.X.Max()), 0.04);
        (double low, double high) = Widen(_series.Min(s => s.Y.Min()), _series.Max(s => s.Y.Max()), 0.06);
        plot.Axes.SetLimits(left, right, YRange?.Low ?? low, YRange?.High ?? high);
    }

    private Color ColorOf(int i) => _series[i].Color ?? ChartColors.Palette[i % ChartColors.Palette.Count];

    private string Range(IEnumerable<double> values)
    {
        double[] all = [.. values];
        return FigureText.FromTo.In(Culture, FigureText.Number(all.Min()), FigureText.Number(all.Max()));
    }
}

using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;
using Color = System.Drawing.Color;

namespace AttentionLab.Figures;

/// <summary>
/// Means with their intervals side by side, such as scores of methods, and a line that marks what is to be beaten. What its whole
/// interval keeps on the good side of that line is blue; the rest is grey.
/// </summary>
public sealed class IntervalChart : Chart
{
    private static readonly Color Grey = Color.FromArgb(0x7f, 0x7f, 0x7f),
        Line = ChartColors.Red;
    private readonly Interval[] _intervals;

    /// <summary>Makes the chart.</summary>
    /// <param name="intervals">From the left.</param>
    /// <exception cref="ArgumentException">There is none, a number is not finite, or a mean lies outside its
    /// interval.</exception>
    public IntervalChart(params IReadOnlyList<Interval> intervals)
    {
        ArgumentNullException.ThrowIfNull(intervals);
        if (intervals.Count == 0)
        {
            throw new ArgumentException("An interval chart needs an interval.", nameof(intervals));
        }

        foreach (Interval i in intervals)
        {
            if (!double.IsFinite(i.Low) || !double.IsFinite(i.High) || !(i.Low <= i.Mean && i.Mean <= i.High))
            {
                throw new ArgumentException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"'{i.Name}' has the mean {i.Mean} and the interval {i.Low} to {i.High}: finite numbers are asked for, "
                            + $"the mean between the ends."
                    ),
                    nameof(intervals)
                );
            }
        }

        _intervals = [.. intervals];
        Size = new(760, 420);
    }

    /// <summary>The intervals, from the left.</summary>
    public IReadOnlyList<Interval> Intervals => _intervals;

    /// <summary>What is to be beaten, such as the score of a random map; null: no line, and all is blue.</summary>
    /// <exception cref="ArgumentException">Its value is not finite.</exception>
    public (string Name, double Value)? Baseline
    {
        get;
        init =>
            field =
                value is null || double.IsFinite(value.Value.Value)
                    ? value
                    : throw new ArgumentException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"The baseline '{value.Value.Name}' is {value.Value.Value}: only finite numbers can be drawn."
                        ),
                        nameof(value)
                    );
    }

    /// <summary>Whether beating the baseline means lying above it; false for what should be small.</summary>
    public bool HigherIsBetter { get; init; } = true;

    /// <inheritdoc/>
    public override string AltText
    {
        get
        {
            IEnumerable<string> parts = _intervals.Select(i =>
                FigureText.IntervalAlt.In(
                    Culture,
                    Label(i.Name),
                    FigureText.Number(i.Mean),
                    FigureText.Number(i.Low),
                    FigureText.Number(i.High)
                )
            );
            return FigureText.IntervalsAlt.In(
                Culture,
                QuotedTitle,
                FigureText.Then.Join(
                    Culture,
                    Baseline is { } b
                        ? parts.Append(FigureText.BaselineAlt.In(Culture, Label(b.Name), FigureText.Number(b.Value)))
                        : parts
                )
            );
        }
    }

    private protected override IReadOnlyList<LegendEntry> Legend =>
        Baseline is not { } baseline
            ? []
            :
            [
                new LegendEntry(Label(baseline.Name), Line, 1, Dashed: true, Box: false),
                new LegendEntry(
                    FigureText.Better.In(Culture, Label(baseline.Name)),
                    ChartColors.Blue,
                    1,
                    Dashed: false,
                    Box: true
                ),
                new LegendEntry(FigureText.NotBetter.In(Culture), Grey, 1, Dashed: false, Box: true),
            ];

    private protected override IReadOnlyList<string>? XNames => [.. _intervals.Select(i => Label(i.Name))];

    internal override IEnumerable<Dictionary<string, object>> PlotlyTraces()
    {
        // The line comes first: it knows all names, and Plotly orders them as it first meets them.
        if (Baseline is { } baseline)
        {
            yield return new()
            {
                ["type"] = "scatter",
                ["mode"] = "lines",
                ["name"] = PlotlyEscape(Label(baseline.Name)),
                ["x"] = _intervals.Select(i => PlotlyEscape(Label(i.Name))).ToArray(),
                ["y"] = PlotlyNumbers([.. _intervals.Select(_ => baseline.Value)]),
                ["line"] = new Dictionary<string, object> { ["color"] = ChartColors.Hex(Line), ["dash"] = "dash" },
            };
        }

        foreach (IGrouping<Color, Interval> group in _intervals.GroupBy(ColorOf))
        {
            Interval[] some = [.. group];
            string name =
                Baseline is null ? ""
                : group.Key == Grey ? FigureText.NotBetter.In(Culture)
                : FigureText.Better.In(Culture, Label(Baseline.Value.Name));
            yield return new()
            {
                ["type"] = "scatter",
                ["mode"] = "markers",
                ["name"] = PlotlyEscape(name),
                ["x"] = some.Select(i => PlotlyEscape(Label(i.Name))).ToArray(),
                ["y"] = PlotlyNumbers([.. some.Select(i => i.Mean)]),
                ["error_y"] = new Dictionary<string, object>
                {
                    ["type"] = "data",
                    ["symmetric"] = false,
                    ["array"] = PlotlyNumbers([.. some.Select(i => i.High - i.Mean)]),
                    ["arrayminus"] = PlotlyNumbers([.. some.Select(i => i.Mean - i.Low)]),
                },
                ["marker"] = new Dictionary<string, object> { ["size"] = 9, ["color"] = ChartColors.Hex(group.Key) },
            };
        }
    }

    private protected override void AddTo(Plot plot)
    {
        foreach ((int i, Interval interval) in _intervals.Index())
        {
            var color = new ScottPlot.Color(ColorOf(interval).R, ColorOf(interval).G, ColorOf(interval).B);
            plot.Add.Plottable(
                new ErrorBar([i], [interval.Mean], null, null, [interval.Mean - interval.Low], [interval.High - interval.Mean])
                {
                    Color = color,
                    LineWidth = 2,
                    CapSize = 5,
                }
            );
            Marker mean = plot.Add.Marker(i, interval.Mean);
            (mean.Color, mean.Size) = (color, 9);
        }

        if (Baseline is { } baseline)
        {
            HorizontalLine line = plot.Add.HorizontalLine(baseline.Value);
            (line.Color, line.LinePattern, line.LineWidth) = (
                new ScottPlot.Color(Line.R, Line.G, Line.B),
                LinePattern.Dashed,
                1.5f
            );
        }

        plot.Grid.XAxisStyle.IsVisible = false;
        IEnumerable<double> lows = _intervals.Select(i => i.Low),
            highs = _intervals.Select(i => i.High);
        (double low, double high) = Widen(
            Baseline is { } least ? lows.Append(least.Value).Min() : lows.Min(),
            Baseline is { } most ? highs.Append(most.Value).Max() : highs.Max(),
            0.06
        );
        plot.Axes.SetLimits(-0.7, _intervals.Length - 0.3, YRange?.Low ?? low, YRange?.High ?? high);
    }

    private Color ColorOf(Interval interval) =>
        Baseline is not { } baseline || (HigherIsBetter ? interval.Low > baseline.Value : interval.High < baseline.Value)
            ? ChartColors.Blue
            : Grey;
}

using System.Globalization;
using ScottPlot;
using Color = System.Drawing.Color;

namespace AttentionLab.Figures;

/// <summary>A bar for each value, such as the weight of each channel.</summary>
public sealed class BarChart : Chart
{
    private readonly double[] _values;

    /// <summary>Makes the chart of its bars.</summary>
    /// <param name="values">Bar i stands at i, from 0.</param>
    /// <exception cref="ArgumentException">The map is empty, or a value is NaN or infinite.</exception>
    public BarChart(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0)
        {
            throw new ArgumentException("A bar chart needs a value.", nameof(values));
        }

        _values = [.. values];
        int bad = Array.FindIndex(_values, v => !double.IsFinite(v));
        if (bad >= 0)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"Value {bad} is {_values[bad]}: only finite numbers can be drawn."),
                nameof(values)
            );
        }

        IntegerX = true;
    }

    /// <summary>The values.</summary>
    public IReadOnlyList<double> Values => _values;

    /// <summary>A name under each bar, in the order of the values; null: their numbers, as many as there is room for.</summary>
    /// <exception cref="ArgumentException">There are not as many as values.</exception>
    public IReadOnlyList<string>? Labels
    {
        get;
        init =>
            field =
                value is null || value.Count == _values.Length
                    ? value
                    : throw new ArgumentException(
                        $"{_values.Length} bars need as many labels; there are {value.Count}.",
                        nameof(value)
                    );
    }

    /// <summary>Of the bars.</summary>
    public Color Color { get; init; } = ChartColors.Blue;

    /// <inheritdoc/>
    public override string AltText =>
        FigureText.BarsAlt.In(
            Culture,
            QuotedTitle,
            _values.Length,
            FigureText.Number(_values.Min()),
            FigureText.Number(_values.Max())
        );

    private protected override IReadOnlyList<LegendEntry> Legend => [];

    internal override IEnumerable<Dictionary<string, object>> PlotlyTraces() =>
        [
            new()
            {
                ["type"] = "bar",
                ["x"] = Labels is null
                    ? PlotlyNumbers([.. Enumerable.Range(0, _values.Length).Select(i => (double)i)])
                    : Labels.Select(PlotlyEscape).ToArray(),
                ["y"] = PlotlyNumbers(_values),
                ["marker"] = new Dictionary<string, object> { ["color"] = ChartColors.Hex(Color) },
            },
        ];

    private protected override void AddTo(Plot plot)
    {
        var color = new ScottPlot.Color(Color.R, Color.G, Color.B);
        Bar[] bars =
        [
            .. _values.Select(
                (v, i) =>
                    new Bar
                    {
                        Position = i,
                        Value = v,
                        Size = 0.8,
                        FillColor = color,
                        LineWidth = 0,
                    }
            ),
        ];
        plot.Add.Bars(bars);
        plot.Grid.XAxisStyle.IsVisible = false;
        (double low, double high) = Widen(Math.Min(0, _values.Min()), Math.Max(0, _values.Max()), 0.05);
        bool allPositive = _values.All(v => v >= 0);
        plot.Axes.SetLimits(-0.7, _values.Length - 0.3, YRange?.Low ?? (allPositive ? 0 : low), YRange?.High ?? high);
    }

    private protected override IReadOnlyList<string>? XNames => Labels;
}

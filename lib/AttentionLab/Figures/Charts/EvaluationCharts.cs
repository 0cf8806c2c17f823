using System.Globalization;
using AttentionLab.Evaluate;

namespace AttentionLab.Figures;

/// <summary>Charts of a comparison of methods.</summary>
public static class EvaluationCharts
{
    /// <summary>
    /// The methods' means by one measure with their 95 % confidence intervals, in the report's order; the dashed line is the
    /// baseline to beat. Methods of which fewer than two pictures have a score are left out, for they have no interval.
    /// </summary>
    /// <param name="report">A comparison.</param>
    /// <param name="measure">The measure's name, such as <c>deletion</c>.</param>
    /// <param name="baseline">The baseline's name; null: <c>centred-blob</c>, where the measure judges maps.</param>
    /// <param name="culture">The language of the texts; null: that of the thread's user interface.</param>
    /// <exception cref="ArgumentException">The report has no such measure or baseline, or no method has an interval.</exception>
    public static IntervalChart ToChart(
        this EvaluationReport report,
        string measure,
        string? baseline = null,
        CultureInfo? culture = null
    )
    {
        ArgumentNullException.ThrowIfNull(report);
        culture ??= CultureInfo.CurrentUICulture;
        MeasureScore[] scores = [.. report.Scores.Where(score => score.Measure == measure)];
        if (scores.Length == 0)
        {
            throw new ArgumentException(
                $"The report has no scores by {measure}; it has "
                    + $"{string.Join(", ", report.Scores.Select(score => score.Measure).Distinct())}.",
                nameof(measure)
            );
        }

        MeasureScore[] methods = [.. scores.Where(score => !score.IsBaseline)];
        bool severalLayers = methods.GroupBy(score => score.Method).Any(layers => layers.Count() > 1);
        return new IntervalChart([
            .. methods
                .Where(score => score.Interval.Pictures > 1)
                .Select(score => new Interval(
                    severalLayers ? $"{score.Method} {score.Layer}" : score.Method,
                    score.Interval.Mean,
                    score.Interval.Low,
                    score.Interval.High
                )),
        ])
        {
            Culture = culture,
            Title = (scores[0].HigherIsBetter ? FigureText.HigherIsBetter : FigureText.LowerIsBetter).In(
                culture,
                FigureLabels.In(culture, measure),
                report.Pictures
            ),
            YTitle = measure,
            Size = new(520, 400),
            HigherIsBetter = scores[0].HigherIsBetter,
            Baseline = BaselineOf(scores, baseline) is { } found ? (found.Method, found.Interval.Mean) : null,
        };
    }

    private static MeasureScore? BaselineOf(MeasureScore[] scores, string? name)
    {
        MeasureScore? found = scores.FirstOrDefault(score => score.IsBaseline && score.Method == (name ?? "centred-blob"));
        return found is not null || name is null
            ? found
            : throw new ArgumentException(
                $"The report has no baseline {name} by {scores[0].Measure}; it has "
                    + $"{string.Join(", ", scores.Where(score => score.IsBaseline).Select(score => score.Method).Distinct())}.",
                nameof(name)
            );
    }
}

using System.Drawing;
using System.Globalization;
using AttentionLab.Training;

namespace AttentionLab.Figures;

/// <summary>The tutorial's two plots of a training run, for one run or several to compare.</summary>
public static class TrainingCharts
{
    /// <summary>Loss against iteration: one blue line of 70 % opacity.</summary>
    /// <param name="losses">The loss of every iteration, the first one (number 1) first. More than 2,000 are thinned, spikes
    /// kept.</param>
    /// <param name="culture">The language of the titles; null: that of the thread's user interface.</param>
    /// <exception cref="ArgumentException">The list of losses is empty, or one is NaN or infinite.</exception>
    public static LineChart Iterations(IReadOnlyList<double> losses, CultureInfo? culture = null)
    {
        ArgumentNullException.ThrowIfNull(losses);
        culture ??= CultureInfo.CurrentUICulture;
        return Iterations([(FigureText.TrainLoss.In(culture), losses)], culture);
    }

    /// <summary>Loss against iteration for several runs, each its colour.</summary>
    /// <param name="runs">What each run is called, and its losses: those of every iteration, the first one (number 1) first. More
    /// than 2,000 are thinned, spikes kept.</param>
    /// <param name="culture">The language of the titles; null: that of the thread's user interface.</param>
    /// <exception cref="ArgumentException">The list of losses is empty, or one is NaN or infinite.</exception>
    public static LineChart Iterations(
        IReadOnlyList<(string Name, IReadOnlyList<double> Losses)> runs,
        CultureInfo? culture = null
    )
    {
        ArgumentNullException.ThrowIfNull(runs);
        culture ??= CultureInfo.CurrentUICulture;
        return new LineChart([
            .. runs.Select(run => new LineSeries(run.Name, CountingFrom1(run.Losses.Count), run.Losses)
            {
                Opacity = 0.7,
                LineWidth = 1.2,
            }),
        ])
        {
            Culture = culture,
            Title = FigureText.IterationTitle.In(culture),
            XTitle = FigureText.Iteration.In(culture),
            YTitle = FigureText.Loss.In(culture),
            IntegerX = true,
            Size = new Size(720, 360),
        };
    }

    /// <summary>
    /// Two panels side by side: accuracy in percent, and loss, against the epoch. Training blue, test red, and the validation
    /// part, when there is one, green.
    /// </summary>
    /// <param name="epochs">What each epoch brought, at least one.</param>
    /// <param name="culture">The language of the titles; null: that of the thread's user interface.</param>
    /// <exception cref="ArgumentException">The list of epochs is empty, or a value is NaN or infinite.</exception>
    public static ChartPanels Epochs(IReadOnlyList<EpochRecord> epochs, CultureInfo? culture = null)
    {
        ArgumentNullException.ThrowIfNull(epochs);
        culture ??= CultureInfo.CurrentUICulture;
        bool validated = epochs.Count > 0 && epochs.All(e => e.ValidationLoss is not null);
        return Panels(
            culture,
            [
                Line(FigureText.Train.In(culture), epochs, e => 100 * e.TrainAccuracy, ChartColors.Blue),
                Line(FigureText.Test.In(culture), epochs, e => 100 * e.TestAccuracy, ChartColors.Red),
                .. validated
                    ? [Line(FigureText.Validation.In(culture), epochs, e => 100 * e.ValidationAccuracy!.Value, ChartColors.Green)]
                    : Array.Empty<LineSeries>(),
            ],
            [
                Line(FigureText.Train.In(culture), epochs, e => e.TrainLoss, ChartColors.Blue),
                Line(FigureText.Test.In(culture), epochs, e => e.TestLoss, ChartColors.Red),
                .. validated
                    ? [Line(FigureText.Validation.In(culture), epochs, e => e.ValidationLoss!.Value, ChartColors.Green)]
                    : Array.Empty<LineSeries>(),
            ]
        );
    }

    /// <summary>The same two panels for several runs, each its colour, training dashed, test solid.</summary>
    /// <param name="runs">What each run is called, and its epochs.</param>
    /// <param name="culture">The language of the titles; null: that of the thread's user interface.</param>
    /// <exception cref="ArgumentException">The list of runs or of a run's epochs is empty, or a value is NaN or
    /// infinite.</exception>
    public static ChartPanels Epochs(
        IReadOnlyList<(string Name, IReadOnlyList<EpochRecord> Epochs)> runs,
        CultureInfo? culture = null
    )
    {
        ArgumentNullException.ThrowIfNull(runs);
        culture ??= CultureInfo.CurrentUICulture;
        return Panels(
            culture,
            [.. runs.SelectMany((_, i) => Pair(i, e => 100 * e.TrainAccuracy, e => 100 * e.TestAccuracy))],
            [.. runs.SelectMany((_, i) => Pair(i, e => e.TrainLoss, e => e.TestLoss))]
        );

        IEnumerable<LineSeries> Pair(int index, Func<EpochRecord, double> train, Func<EpochRecord, double> test)
        {
            (string run, IReadOnlyList<EpochRecord> epochs) = runs[index];
            string name = FigureLabels.In(culture, run);
            Color color = ChartColors.Palette[index % ChartColors.Palette.Count];
            yield return Line(FigureText.RunAndPart.In(culture, name, FigureText.Train.In(culture)), epochs, train, color) with
            {
                Dashed = true,
            };
            yield return Line(FigureText.RunAndPart.In(culture, name, FigureText.Test.In(culture)), epochs, test, color);
        }
    }

    private static ChartPanels Panels(CultureInfo culture, IReadOnlyList<LineSeries> accuracy, IReadOnlyList<LineSeries> loss)
    {
        return new ChartPanels(
            Panel(FigureText.AccuracyTitle, FigureText.Accuracy, accuracy),
            Panel(FigureText.LossTitle, FigureText.Loss, loss)
        )
        {
            Culture = culture,
        };

        LineChart Panel(FigureText title, FigureText yTitle, IReadOnlyList<LineSeries> lines) =>
            new(lines)
            {
                Culture = culture,
                Title = title.In(culture),
                XTitle = FigureText.Epoch.In(culture),
                YTitle = yTitle.In(culture),
                IntegerX = true,
                Size = new Size(460, 340),
            };
    }

    private static LineSeries Line(
        string name,
        IReadOnlyList<EpochRecord> epochs,
        Func<EpochRecord, double> value,
        Color color
    ) => new(name, [.. epochs.Select(e => (double)e.Epoch)], [.. epochs.Select(value)]) { Color = color };

    private static double[] CountingFrom1(int count) => [.. Enumerable.Range(1, count).Select(i => (double)i)];
}

using System.Drawing;
using System.Globalization;

namespace AttentionLab.Figures;

/// <summary>The tutorial's two plots of a training run, for one run or several to compare.</summary>
public static class TrainingCharts
{
    /// <summary>Loss against iteration: one blue line of 70 % opacity.</summary>
    /// <param name="losses">The loss of every iteration, the first one (number 1) first. More than 2,000 are thinned, spikes kept.</param>
    /// <param name="culture">The language of the titles; null: that of the thread's user interface.</param>
    /// <exception cref="ArgumentException">There is no loss, or one is NaN or infinite.</exception>
    public static LineChart Iterations(IReadOnlyList<double> losses, CultureInfo? culture = null)
    {
        ArgumentNullException.ThrowIfNull(losses);
        culture ??= CultureInfo.CurrentUICulture;
        return Iterations([(FigureText.TrainLoss.In(culture), losses)], culture);
    }

    /// <summary>Loss against iteration for several runs, each its colour.</summary>
    /// <inheritdoc cref="Iterations(IReadOnlyList{double}, CultureInfo?)"/>
    /// <param name="runs">What each run is called, and its losses.</param>
    /// <param name="culture">The language of the titles; null: that of the thread's user interface.</param>
    public static LineChart Iterations(IReadOnlyList<(string Name, IReadOnlyList<double> Losses)> runs, CultureInfo? culture = null)
    {
        ArgumentNullException.ThrowIfNull(runs);
        culture ??= CultureInfo.CurrentUICulture;
        return new LineChart([.. runs.Select(run => new LineSeries(run.Name, CountingFrom1(run.Losses.Count), run.Losses) { Opacity = 0.7, LineWidth = 1.2 })])
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
    /// Two panels side by side: accuracy in percent, and loss, against the epoch (from 1). One run: training blue, test red.
    /// Several runs: each its colour, training dashed, test solid.
    /// </summary>
    /// <param name="run">The run; <see cref="EpochCurves.Name"/> is not shown.</param>
    /// <param name="culture">The language of the titles; null: that of the thread's user interface.</param>
    /// <exception cref="ArgumentException">There is no epoch, the lists differ in length, or a value is NaN or infinite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An accuracy is outside [0, 1].</exception>
    public static ChartPanels Epochs(EpochCurves run, CultureInfo? culture = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Epochs([run], culture);
    }

    /// <inheritdoc cref="Epochs(EpochCurves, CultureInfo?)"/>
    /// <param name="runs">The runs to compare, each with a name.</param>
    /// <param name="culture">The language of the titles; null: that of the thread's user interface.</param>
    public static ChartPanels Epochs(IReadOnlyList<EpochCurves> runs, CultureInfo? culture = null)
    {
        ArgumentNullException.ThrowIfNull(runs);
        culture ??= CultureInfo.CurrentUICulture;
        foreach (EpochCurves run in runs)
        {
            Check(run, nameof(runs));
        }

        LineChart Panel(FigureText title, FigureText yTitle, Func<EpochCurves, IReadOnlyList<double>> train, Func<EpochCurves, IReadOnlyList<double>> test, double factor)
        {
            LineSeries Line(int run, FigureText part, IReadOnlyList<double> values) => new(
                runs.Count == 1 ? part.In(culture) : FigureText.RunAndPart.In(culture, runs[run].Name, part.In(culture)),
                CountingFrom1(values.Count),
                [.. values.Select(v => v * factor)])
            {
                Color = runs.Count > 1 ? ChartColors.Palette[run % ChartColors.Palette.Count] : part == FigureText.Train ? ChartColors.Blue : ChartColors.Red,
                Dashed = runs.Count > 1 && part == FigureText.Train,
            };

            return new LineChart([.. runs.SelectMany((run, i) => new[] { Line(i, FigureText.Train, train(run)), Line(i, FigureText.Test, test(run)) })])
            {
                Culture = culture,
                Title = title.In(culture),
                XTitle = FigureText.Epoch.In(culture),
                YTitle = yTitle.In(culture),
                IntegerX = true,
                Size = new Size(460, 340),
            };
        }

        return new ChartPanels(
            Panel(FigureText.AccuracyTitle, FigureText.Accuracy, r => r.TrainAccuracy, r => r.TestAccuracy, 100),
            Panel(FigureText.LossTitle, FigureText.Loss, r => r.TrainLoss, r => r.TestLoss, 1)) { Culture = culture };
    }

    private static double[] CountingFrom1(int count) => [.. Enumerable.Range(1, count).Select(i => (double)i)];

    private static void Check(EpochCurves run, string name)
    {
        ArgumentNullException.ThrowIfNull(run, name);
        int epochs = run.TrainAccuracy.Count;
        if (run.TestAccuracy.Count != epochs || run.TrainLoss.Count != epochs || run.TestLoss.Count != epochs)
        {
            throw new ArgumentException($"The run '{run.Name}' has {epochs} train accuracies, {run.TestAccuracy.Count} test accuracies, {run.TrainLoss.Count} train losses and {run.TestLoss.Count} test losses: one of each per epoch.", name);
        }

        foreach (double accuracy in run.TrainAccuracy.Concat(run.TestAccuracy))
        {
            if (accuracy is < 0 or > 1)
            {
                throw new ArgumentOutOfRangeException(name, accuracy, $"An accuracy of the run '{run.Name}' lies outside [0, 1]: fractions are asked for, percent are drawn.");
            }
        }
    }
}

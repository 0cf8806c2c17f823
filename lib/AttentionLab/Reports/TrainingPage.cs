using System.Globalization;
using AttentionLab.Figures;
using AttentionLab.Training;

namespace AttentionLab.Reports;

/// <summary>
/// A training run on one page: how good the network became, the tutorial's plots and every epoch's numbers. One file of HTML that
/// loads nothing and runs no script, in English or Chinese.
/// </summary>
public sealed class TrainingPage
{
    private const string Style = """
        .plots img { display: block; max-width: 100%; height: auto; background: #fff; border-radius: 6px; margin: 0 0 1rem; }
        .plots img.losses { max-width: min(100%, 720px); }
        .numbers { overflow-x: auto; margin-top: 1.6rem; }
        table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; width: 100%; }
        th, td { text-align: right; padding: 0.25rem 0.6rem; border-bottom: 1px solid var(--line); }
        th { color: var(--quiet); font-weight: 600; vertical-align: bottom; }
        tr.best td { background: var(--card); font-weight: 600; }
        .stopped { color: var(--bad); }
        .note { color: var(--quiet); font-size: 0.9rem; margin-bottom: 1.2rem; }
        @media print { .plots img, tr { break-inside: avoid; } }
        """;

    /// <summary>Makes the page.</summary>
    /// <param name="history">A run with at least one finished epoch.</param>
    /// <exception cref="ArgumentException">No epoch was finished.</exception>
    public TrainingPage(TrainingHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        History =
            history.Epochs.Count > 0 ? history : throw new ArgumentException("A page needs a finished epoch.", nameof(history));
    }

    /// <summary>The run.</summary>
    public TrainingHistory History { get; }

    /// <summary>Chinese for a Chinese culture, else English.</summary>
    public CultureInfo Culture { get; init; } = CultureInfo.CurrentUICulture;

    /// <summary>The page's title; null: "How the network learned".</summary>
    public string? Title { get; init; }

    /// <summary>Small print: which network, which data, which options, which versions.</summary>
    public IReadOnlyList<string> Facts { get; init; } = [];

    /// <summary>The page as HTML.</summary>
    public string ToHtml()
    {
        EpochRecord last = History.Last,
            best = History.Best;
        bool validated = best.ValidationAccuracy is not null;
        string lead = Text(PageText.TrainingLead, last.Epoch, Percent(last.TestAccuracy));
        string bestEpoch =
            best == last
                ? Text(PageText.TrainingLastIsBest)
                : Text(PageText.TrainingBest, best.Epoch, Percent(best.TestAccuracy));
        string stopped = History.Cancelled ? $"<p class=\"stopped\">{Text(PageText.TrainingStopped)}</p>" : "";
        string losses = PageShell
            .Image(TrainingCharts.Iterations(History.IterationLosses, Culture))
            .Replace("<img ", "<img class=\"losses\" ", StringComparison.Ordinal);
        return PageShell.Html(
            Culture,
            Title ?? PageText.TrainingTitle.In(Culture),
            Style,
            $"""
            <p class="lead">{lead} {bestEpoch}</p>
            {stopped}
            <p class="note">{Text(validated ? PageText.ChosenByValidation : PageText.ChosenByTest)}</p>
            <section class="plots">
            {PageShell.Image(TrainingCharts.Epochs(History.Epochs, Culture))}
            {losses}
            </section>
            <section class="numbers">
            <h2>{Text(PageText.NumbersTitle)}</h2>
            {Table(best, validated)}
            </section>
            """,
            Facts
        );
    }

    /// <summary>Writes <see cref="ToHtml"/> to a file; missing folders are made, an existing file is replaced.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => PageShell.Save(ToHtml(), path);

    private string Table(EpochRecord best, bool validated)
    {
        (string Title, Func<EpochRecord, string> Value)[] columns =
        [
            (Text(FigureText.Epoch), epoch => Number(epoch.Epoch, "0")),
            .. Part(FigureText.Train, epoch => epoch.TrainAccuracy, epoch => epoch.TrainLoss),
            .. validated
                ? Part(
                    FigureText.Validation,
                    epoch => epoch.ValidationAccuracy ?? double.NaN,
                    epoch => epoch.ValidationLoss ?? double.NaN
                )
                : [],
            .. Part(FigureText.Test, epoch => epoch.TestAccuracy, epoch => epoch.TestLoss),
            (Text(PageText.LearningRate), epoch => Number(epoch.LearningRate, "0.######")),
            (Text(PageText.Seconds), epoch => Number(epoch.Duration.TotalSeconds, "0.0")),
            (Text(PageText.Speed), epoch => Number(epoch.ImagesPerSecond, "0")),
        ];
        IEnumerable<string> rows = History.Epochs.Select(epoch =>
            $"<tr{(epoch == best ? " class=\"best\"" : "")}>{string.Concat(columns.Select(column => $"<td>{column.Value(epoch)}</td>"))}</tr>"
        );
        return $"<table>\n<thead><tr>{string.Concat(columns.Select(column => $"<th>{column.Title}</th>"))}</tr></thead>\n<tbody>\n{string.Join('\n', rows)}\n</tbody>\n</table>";

        (string, Func<EpochRecord, string>)[] Part(
            FigureText part,
            Func<EpochRecord, double> accuracy,
            Func<EpochRecord, double> loss
        ) =>
            [
                (Text(PageText.PartAccuracy, part.In(Culture)), epoch => Percent(accuracy(epoch))),
                (Text(PageText.PartLoss, part.In(Culture)), epoch => Number(loss(epoch), "0.0000")),
            ];
    }

    private string Text(FigureText text, params ReadOnlySpan<object?> values) => PageShell.Encode(text.In(Culture, values));

    private static string Percent(double share) => $"{Number(100 * share, "0.00")} %";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

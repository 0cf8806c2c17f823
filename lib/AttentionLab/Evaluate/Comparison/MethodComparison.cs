using System.Diagnostics;
using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Evaluate;

/// <summary>
/// Compares methods for one model on some pictures: a table of measures, each a mean with its 95 % confidence interval, a
/// ranking, and warnings where maps are no better than a centred blob or random numbers, or most of them point beside the
/// object, which suggests a shortcut.
/// </summary>
/// <remarks>
/// A method is better than a baseline when the interval of the difference, picture by picture, lies above 0. Intervals are not
/// corrected for their number: of forty comparisons without a difference, one will look like one.
/// <code>
/// EvaluationReport report = new MethodComparison().Run(model, data.Test.Take(100), data.Normalization);
/// foreach (string warning in report.Warnings) Console.WriteLine(warning);
/// </code>
/// </remarks>
public sealed class MethodComparison
{
    private const string EvenMap = "even-map";

    /// <summary>
    /// What is compared, each method at each layer of the options. The default, null: all that apply to the model
    /// (<see cref="ExplanationMethod.AppliesTo"/>) and take the layers of the options.
    /// </summary>
    public IReadOnlyList<ExplanationMethod>? Methods { get; init; }

    /// <summary>By what. The default: all, or all that need no masks where there are none.</summary>
    public IReadOnlyList<EvaluationMeasure>? Measures { get; init; }

    /// <summary>What is explained, where and how; progress and cancellation are of the whole comparison.</summary>
    public ExplanationOptions Options { get; init; } = new();

    /// <summary>How many times pictures are drawn for a confidence interval.</summary>
    public int Resamples { get; init; } = 2_000;

    /// <summary>Decides random maps and what is drawn for the intervals. Measures have seeds of their own.</summary>
    public long Seed { get; init; }

    /// <summary>Compares the methods on a split of pictures, with its masks if it has some.</summary>
    /// <param name="model">What is explained; it is put back into its mode, with its weights.</param>
    /// <param name="images">The pictures, each once.</param>
    /// <param name="normalization">How their pixels become the model's input.</param>
    /// <param name="device">Where to compute; null for where the model's weights are.</param>
    /// <inheritdoc cref="Run(nn.Module{Tensor, Tensor}, Tensor, IReadOnlyList{byte[]})" path="/exception"/>
    public EvaluationReport Run(
        nn.Module<Tensor, Tensor> model,
        LabeledImages images,
        Normalization normalization,
        Device? device = null
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(normalization);
        int[] all = [.. Enumerable.Range(0, images.Count)];
        using Tensor input = normalization.ToTensor(images, all, device ?? model.Device());
        return Run(model, input, images.HasMasks ? [.. all.Select(i => images.MaskOf(i).ToArray())] : null);
    }

    /// <summary>Compares the methods on a batch of pictures.</summary>
    /// <param name="model">What is explained; it is put back into its mode, with its weights.</param>
    /// <param name="input">Pictures as the model takes them, N×C×H×W. They stay the caller's.</param>
    /// <param name="masks">Of each the object's coverage of its pixels, H·W bytes; null where that is not known.</param>
    /// <exception cref="ArgumentException">A method is there twice or does not fit the model, or a measure needs masks and there
    /// are none.</exception>
    /// <exception cref="OperationCanceledException">The caller has cancelled.</exception>
    public EvaluationReport Run(nn.Module<Tensor, Tensor> model, Tensor input, IReadOnlyList<byte[]>? masks = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(input);
        EvaluationMeasure[] measures =
        [
            .. Measures ?? EvaluationMeasures.All.Where(measure => masks is not null || !measure.NeedsMasks),
        ];
        IReadOnlyList<ExplanationMethod> methods =
            Methods ?? [.. ExplanationMethods.All.Where(method => method.AppliesTo(model, Options.Layers).IsApplicable)];
        Check(methods, measures);

        // The number of sizes of maps is known only at the end: the baselines have the last part of the progress.
        var progress = new ExplanationProgress(Options.Progress, Options.Cancellation);
        var rows = new List<Row>();
        for (int i = 0; i < methods.Count; i++)
        {
            rows.AddRange(Judge(methods[i], model, input, masks, measures, Options, progress.Part(i, methods.Count + 1)));
        }

        EvaluationMeasure[] judges = [.. measures.Where(measure => measure.JudgesMaps)];
        (int Height, int Width)[] sizes = [.. rows.Select(row => row.Size).Distinct()];
        BaselineMethod[] baselines =
        [
            new CentredBlob(),
            .. sizes.Select(size => new RandomMap(size.Height, size.Width) { Seed = Seed }),
        ];
        var beside = new List<Row>();
        if (judges.Length > 0)
        {
            ExplanationProgress last = progress.Part(methods.Count, methods.Count + 1);
            for (int i = 0; i < baselines.Length; i++)
            {
                ExplanationOptions options = Options with { Layers = [], Smoothing = null };
                beside.AddRange(Judge(baselines[i], model, input, masks, judges, options, last.Part(i, baselines.Length)));
            }
        }

        progress.Report(1);
        BaselineComparison[] comparisons = [.. rows.SelectMany(row => Compare(row, beside))];
        return new EvaluationReport
        {
            Model = model.GetType().Name,
            Pictures = (int)input.shape[0],
            Target = Options.Target.ToString(),
            Scores = [.. rows.Concat(beside).SelectMany(row => row.Cells.Select(cell => cell.Score))],
            Comparisons = comparisons,
            Ranking = RankingOf(rows, measures),
            Times = [.. rows.Concat(beside).Select(row => row.Time).Distinct()],
            Warnings = [.. WarningsOf(rows, comparisons, (int)input.shape[0])],
            Versions = rows[0].Versions,
        };
    }

    private static void Check(IReadOnlyList<ExplanationMethod> methods, EvaluationMeasure[] measures)
    {
        if (methods.Count == 0 || measures.Length == 0)
        {
            throw new ArgumentException("A comparison has at least one method and one measure.");
        }

        foreach (
            string name in methods
                .Select(method => method.Name)
                .Concat(measures.Select(measure => measure.Name))
                .CountBy(name => name)
                .Where(name => name.Value > 1)
                .Select(name => name.Key)
        )
        {
            throw new ArgumentException(
                $"{name} is there "
                    + $"{methods.Count(method => method.Name == name) + measures.Count(measure => measure.Name == name)} times: "
                    + "its rows could not be told apart. Compare in several runs."
            );
        }

        if (methods.FirstOrDefault(method => method is BaselineMethod) is { } baseline)
        {
            throw new ArgumentException($"{baseline.Name} is what methods are compared with; it takes part without being named.");
        }
    }

    private List<Row> Judge(
        ExplanationMethod method,
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        IReadOnlyList<byte[]>? masks,
        EvaluationMeasure[] measures,
        ExplanationOptions options,
        ExplanationProgress progress
    )
    {
        int parts = measures.Length + 1;
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<EvaluationTrial> trials = EvaluationTrial.Of(
            method,
            model,
            input,
            masks,
            options with
            {
                Progress = progress.Part(0, parts),
            }
        );
        var time = new MethodTime(method.Name, Stopwatch.GetElapsedTime(start).TotalSeconds / input.shape[0]);
        var rows = trials.Select(trial => new Row(method, trial.Explanation, time)).ToList();
        for (int i = 0; i < measures.Length; i++)
        {
            ExplanationProgress part = progress.Part(i + 1, parts);
            for (int layer = 0; layer < rows.Count; layer++)
            {
                EvaluationTrial trial = trials[layer].With(part.Part(layer, rows.Count));
                double[] scores = measures[i].Score(trial);
                rows[layer]
                    .Cells.Add(
                        new Cell(
                            measures[i],
                            new MeasureScore(
                                method.Name,
                                rows[layer].Layer,
                                measures[i].Name,
                                measures[i].HigherIsBetter,
                                ConfidenceInterval.OfMean(scores, Resamples, Seed),
                                scores
                            )
                            {
                                IsBaseline = method is BaselineMethod,
                            },
                            (measures[i] as LocalizationMeasure)?.ChanceOf(trial)
                        )
                    );
            }
        }

        return rows;
    }

    private IEnumerable<BaselineComparison> Compare(Row row, List<Row> baselines)
    {
        foreach (
            (EvaluationMeasure measure, MeasureScore score, double[]? chance) in row.Cells.Where(cell => cell.Measure.JudgesMaps)
        )
        {
            foreach (Row baseline in baselines.Where(other => other.Method is CentredBlob || other.Size == row.Size))
            {
                yield return Beside(baseline.Method.Name, baseline.Cells.First(other => other.Measure == measure).Score.Scores);
            }

            if (chance is not null)
            {
                yield return Beside(EvenMap, chance);
            }

            BaselineComparison Beside(string baseline, IReadOnlyList<double> others) =>
                new(
                    row.Method.Name,
                    row.Layer,
                    measure.Name,
                    baseline,
                    measure.HigherIsBetter
                        ? ConfidenceInterval.OfDifference(score.Scores, others, Resamples, Seed)
                        : ConfidenceInterval.OfDifference(others, score.Scores, Resamples, Seed)
                );
        }
    }

    private static MethodRank[] RankingOf(List<Row> rows, EvaluationMeasure[] measures)
    {
        // NaN comes last.
        double[][] ranks =
        [
            .. measures.Select(
                (measure, i) =>
                    Ranks.Of([
                        .. rows.Select(row =>
                            row.Cells[i].Score.Interval.Mean switch
                            {
                                double.NaN => double.PositiveInfinity,
                                var mean => measure.HigherIsBetter ? -mean : mean,
                            }
                        ),
                    ])
            ),
        ];
        return
        [
            .. rows.Select((row, r) => new MethodRank(row.Method.Name, row.Layer, 1 + ranks.Average(rank => rank[r])))
                .OrderBy(rank => rank.MeanRank),
        ];
    }

    private static IEnumerable<string> WarningsOf(List<Row> rows, BaselineComparison[] comparisons, int pictures)
    {
        if (pictures == 1)
        {
            yield return "One picture says nothing of others: no mean has an interval, and no method can be said to be better "
                + "than a baseline. Take more pictures.";
        }

        // One method may show something else than what the model needs; most of them together tell of the model.
        int pointBeside = comparisons.Count(IsBeside);
        if (pointBeside > rows.Count / 2)
        {
            yield return $"{pointBeside} of {rows.Count} maps point beside the object: something else seems to tell the model "
                + "the class. Look for a shortcut in the pictures that it learned from.";
        }

        foreach (Row row in rows)
        {
            string name = $"{row.Method.Name} at {row.Layer}";
            if (row.Blank > 0)
            {
                yield return $"{name}: {row.Blank} of {pictures} maps are zero everywhere.";
            }

            ILookup<string, BaselineComparison> byBaseline = comparisons
                .Where(c => c.Method == row.Method.Name && c.Layer == row.Layer)
                .ToLookup(c => c.Baseline);
            if (byBaseline[EvenMap].FirstOrDefault(IsBeside) is { } beside)
            {
                double inside = row.Cells.First(cell => cell.Score.Measure == beside.Measure).Score.Interval.Mean;
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} points beside the object: {inside:p0} of the map lies on it, less than the "
                        + $"{inside - beside.Advantage.Mean:p0} that it covers of the picture."
                );
            }

            foreach (
                (string baseline, string words) in new[]
                {
                    (new CentredBlob().Name, "a blob in the picture's centre"),
                    (new RandomMap().Name, "random numbers"),
                }
            )
            {
                string[] lost =
                [
                    .. byBaseline[baseline]
                        .Where(c => !c.IsBetter && pictures > 1)
                        .Select(c => $"{c.Measure} ({(c.IsWorse ? "worse" : "no better")}: {c.Advantage})"),
                ];
                if (lost.Length > 0)
                {
                    yield return $"{name} is not better than {words} by {string.Join(", ", lost)}.";
                }
            }
        }
    }

    private static bool IsBeside(BaselineComparison comparison) =>
        comparison is { Baseline: EvenMap, Measure: EnergyPointingGame.MeasureName, IsWorse: true };

    /// <summary>A method at a layer, without its maps, which may take much memory.</summary>
    private sealed class Row(ExplanationMethod method, Explanation explanation, MethodTime time)
    {
        public ExplanationMethod Method => method;

        public MethodTime Time => time;

        public string Layer { get; } = explanation.Layer;

        public (int Height, int Width) Size { get; } = (explanation.Maps[0].Height, explanation.Maps[0].Width);

        public int Blank { get; } = explanation.Blank.Count;

        public IReadOnlyDictionary<string, string> Versions { get; } = explanation.Versions;

        public List<Cell> Cells { get; } = [];
    }

    /// <param name="Measure">By what.</param>
    /// <param name="Score">The result.</param>
    /// <param name="Chance">What a map of equal values scores, where that is chance.</param>
    private sealed record Cell(EvaluationMeasure Measure, MeasureScore Score, double[]? Chance);
}

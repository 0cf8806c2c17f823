using AttentionLab.Benchmarks.Layers;
using AttentionLab.Benchmarks.Micro;
using AttentionLab.Benchmarks.Processes;

namespace AttentionLab.Benchmarks;

/// <summary>Every table, in the order of the report.</summary>
internal static class Tables
{
    /// <summary>The table whose runs the command line chooses.</summary>
    public static AccuracyTable Accuracy { get; } = new();

    /// <summary>The table whose rows and processes the command line chooses.</summary>
    public static CheckpointTable Checkpoints { get; } = new();

    public static IReadOnlyList<ITable> All { get; } =
    [
        new StepTable(),
        new LoopTable(),
        new EvaluationTable(),
        new MicroTable("augmentation", "Augmentation, one core", typeof(AugmentationBenchmark)),
        new MicroTable("optimiser", "Adam, one step of the plain network's 1,147,914 weights, one core", typeof(AdamBenchmark)),
        new MicroTable("data", "Loading the picture sets", typeof(LoadingBenchmark)),
        new MicroTable("figures", "A heat-map figure, against the forward pass", typeof(FigureBenchmark)),
        new MethodsTable(),
        new LayersTable(),
        new MemoryTable(),
        new GrowthTable(),
        new OperatorsTable(),
        Checkpoints,
        new KernelTable(),
        new OnnxTable(),
        new PageTable(),
        new FewTable(),
        Accuracy,
    ];

    /// <summary>Writes a row of a Markdown table.</summary>
    public static void Row(this TextWriter output, params IEnumerable<string> cells) =>
        output.WriteLine($"| {string.Join(" | ", cells)} |");

    /// <summary>Writes a heading and its rule; all columns but the first hold numbers.</summary>
    public static void Heading(this TextWriter output, params string[] cells)
    {
        output.Row(cells);
        output.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", cells.Length - 1))}");
    }

    /// <summary>The middle value; of an even number of values the mean of the middle two.</summary>
    public static double Median(this IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

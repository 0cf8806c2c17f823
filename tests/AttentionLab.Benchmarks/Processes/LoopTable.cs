using System.Diagnostics;
using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Training;
using static TorchSharp.torch;

namespace AttentionLab.Benchmarks.Processes;

/// <summary>What Trainer does around a step, its augmented batches included, against the bare steps.</summary>
internal sealed class LoopTable : ITable
{
    private const int BatchSize = 64,
        StepsInTurn = 24;

    public string Name => "loop";

    public string Title => "Training loop with the tutorial's augmentation, plain network, batch 64, in turn with bare steps";

    public void Write(TextWriter output, bool quick)
    {
        output.Heading(
            "threads",
            "written",
            "bare step",
            "loop",
            "the loop costs",
            "in half of the turns",
            "loop times the beginner's step"
        );
        string[] ways = MixedPrecision.IsFast ? [Networks.Ours, Networks.Mixed] : [Networks.Ours];
        foreach (int threads in quick ? [2] : new[] { 1, 2 })
        {
            double beginner = Probe.Run("step", threads, "plain", Networks.Beginner, quick ? "2" : "4").Median();
            foreach (string way in ways)
            {
                (double Bare, double Loop)[] turns =
                [
                    .. Probe.Run("loop", threads, way, quick ? "8" : "24").Chunk(2).Select(turn => (turn[0], turn[1])),
                ];
                double[] costs = [.. turns.Select(turn => (turn.Loop / turn.Bare) - 1).Order()];
                double loop = turns.Select(turn => turn.Loop).Median();
                output.Row(
                    $"{threads}",
                    way,
                    $"{1000 * BatchSize / turns.Select(turn => turn.Bare).Median():N0} images/s",
                    $"{1000 * BatchSize / loop:N0} images/s",
                    $"{costs.Median():p1}",
                    $"{costs[costs.Length / 4]:p1} to {costs[^(1 + (costs.Length / 4))]:p1}",
                    $"{beginner / loop:f2}"
                );
            }
        }
    }

    /// <summary>
    /// Milliseconds of a bare step and of a step in the loop, for each turn. Arguments: way, turns. The bare steps of a turn are
    /// made where Trainer reports a step.
    /// </summary>
    public static double[] Measure(string[] arguments)
    {
        (string way, int turns) = (arguments[0], int.Parse(arguments[1], CultureInfo.InvariantCulture));
        using Batch batch = Networks.FirstBatch(BatchSize);
        Action bare = Networks.Step(way, Networks.Create("plain"), batch);
        var times = new List<double>();
        Stopwatch? loop = null;
        int steps = 0;
        // Each turn begins with a step that is not counted: its batch may have been prepared during the bare steps.
        DataSet data = ShapeSet.Create(train: (1 + turns) * (1 + StepsInTurn) * BatchSize, test: 64, seed: 0);
        var options = new TrainingOptions
        {
            Epochs = 1,
            Device = CPU,
            MixedPrecision = way == Networks.Mixed,
        };
        new Trainer(options).Fit(Networks.Create("plain"), data, Report);
        return [.. times.Skip(2)]; // the first turn warms up

        void Report(TrainingProgress progress)
        {
            if (progress.Finished is not null)
            {
                return;
            }

            if (++steps == 1)
            {
                loop = Stopwatch.StartNew();
            }
            else if (steps == 1 + StepsInTurn)
            {
                double inLoop = loop!.Elapsed.TotalMilliseconds / StepsInTurn;
                var alone = Stopwatch.StartNew();
                for (int i = 0; i < StepsInTurn; i++)
                {
                    bare();
                }

                times.AddRange([alone.Elapsed.TotalMilliseconds / StepsInTurn, inLoop]);
                steps = 0;
            }
        }
    }
}

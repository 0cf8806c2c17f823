using AttentionLab.Data;
using AttentionLab.Training;

namespace AttentionLab.Benchmarks.Processes;

/// <summary>The bare training step: the batch is there already.</summary>
internal sealed class StepTable : ITable
{
    private const int BatchSize = 64;

    public string Name => "step";

    public string Title => "Training step, batch 64, each measurement in a process of its own";

    public void Write(TextWriter output, bool quick)
    {
        int processes = quick ? 2 : 3;
        string[] ways = MixedPrecision.IsFast
            ? [Networks.Beginner, Networks.Ours, Networks.Mixed]
            : [Networks.Beginner, Networks.Ours];
        output.Heading("network, threads", "written", "images/s", "times the beginner's", "spread between processes");
        foreach (string network in quick ? ["plain"] : new[] { "plain", "se" })
        {
            foreach (int threads in new[] { 1, 2 })
            {
                // In turn, so that whatever else the machine does falls on all of them.
                List<double>[] speeds = [.. ways.Select(_ => new List<double>())];
                for (int i = 0; i < processes; i++)
                {
                    for (int w = 0; w < ways.Length; w++)
                    {
                        double[] milliseconds = Probe.Run("step", threads, network, ways[w], quick ? "2" : "4");
                        speeds[w].Add(1000 * BatchSize / milliseconds.Median());
                    }
                }

                for (int w = 0; w < ways.Length; w++)
                {
                    double speed = speeds[w].Median();
                    output.Row(
                        $"{network}, {threads}",
                        ways[w],
                        $"{speed:N0}",
                        $"{speed / speeds[0].Median():f2}",
                        $"{(speeds[w].Max() - speeds[w].Min()) / speed:p0}"
                    );
                }
            }
        }
    }

    /// <summary>Milliseconds of each step. Arguments: network, way, seconds.</summary>
    public static double[] Measure(string[] arguments)
    {
        using Batch batch = Networks.FirstBatch(BatchSize);
        return Probe.Milliseconds(
            Networks.Step(arguments[1], Networks.Create(arguments[0]), batch),
            double.Parse(arguments[2], System.Globalization.CultureInfo.InvariantCulture)
        );
    }
}

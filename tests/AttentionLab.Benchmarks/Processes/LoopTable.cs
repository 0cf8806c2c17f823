using AttentionLab.Data;
using AttentionLab.Training;
using static TorchSharp.torch;

namespace AttentionLab.Benchmarks.Processes;

/// <summary>The whole of Trainer's epoch, its augmented batches included, against the bare steps.</summary>
internal sealed class LoopTable : ITable
{
    private const int Pictures = 6400;

    public string Name => "loop";

    public string Title => "Training loop with the tutorial's augmentation, plain network, batch 64";

    public void Write(TextWriter output, bool quick)
    {
        output.Heading(
            "threads",
            "beginner's bare step",
            "our bare step",
            "our loop",
            "loop times the beginner's step",
            "cost of the data",
            "our loop, mixed precision"
        );
        foreach (int threads in quick ? [2] : new[] { 1, 2 })
        {
            string seconds = quick ? "2" : "4";
            double beginner = 64000 / Probe.Run("step", threads, "plain", Networks.Beginner, seconds).Median();
            double step = 64000 / Probe.Run("step", threads, "plain", Networks.Ours, seconds).Median();
            double loop = Probe.Run("loop", threads, Networks.Ours, quick ? "2" : "4").Median();
            string mixed = MixedPrecision.IsFast
                ? $"{Probe.Run("loop", threads, Networks.Mixed, quick ? "2" : "4").Median():N0} images/s"
                : "no AVX512-BF16";
            output.Row(
                $"{threads}",
                $"{beginner:N0} images/s",
                $"{step:N0} images/s",
                $"{loop:N0} images/s",
                $"{loop / beginner:f2}",
                $"{1 - (loop / step):p0}",
                mixed
            );
        }
    }

    /// <summary>Images a second of each epoch but the first. Arguments: way, epochs.</summary>
    public static double[] Measure(string[] arguments)
    {
        DataSet data = ShapeSet.Create(train: Pictures, test: 64, seed: 0);
        var options = new TrainingOptions
        {
            Epochs = 1 + int.Parse(arguments[1], System.Globalization.CultureInfo.InvariantCulture),
            Device = CPU,
            MixedPrecision = arguments[0] == Networks.Mixed,
        };
        return [.. new Trainer(options).Fit(Networks.Create("plain"), data).Epochs.Skip(1).Select(e => e.ImagesPerSecond)];
    }
}

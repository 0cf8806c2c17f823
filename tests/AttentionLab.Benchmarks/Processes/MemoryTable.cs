using System.Diagnostics;
using AttentionLab.Data;
using AttentionLab.Training;
using static TorchSharp.torch;

namespace AttentionLab.Benchmarks.Processes;

/// <summary>What a process holds while it trains.</summary>
internal sealed class MemoryTable : ITable
{
    private const double Megabyte = 1 << 20;

    public string Name => "memory";

    public string Title => "Memory of the process over 20 epochs, plain network, batch 64";

    public void Write(TextWriter output, bool quick)
    {
        double[] held = Probe.Run("memory", 2, asBeginner: false, quick ? "1280" : "6400");
        output.Heading("", "MB");
        output.Row("after epoch 2", $"{held[1]:N0}");
        output.Row("after epoch 20", $"{held[19]:N0}");
        output.Row("growth", $"{(held[19] / held[1]) - 1:p1}");
        output.Row("peak", $"{held[20]:N0}");
    }

    /// <summary>Megabytes after each of 20 epochs, then the peak. Argument: pictures.</summary>
    public static double[] Measure(string[] arguments)
    {
        DataSet data = ShapeSet.Create(
            train: int.Parse(arguments[0], System.Globalization.CultureInfo.InvariantCulture),
            test: 256,
            seed: 0
        );
        var held = new List<double>();
        using var process = Process.GetCurrentProcess();
        new Trainer(new TrainingOptions { Epochs = 20, Device = CPU }).Fit(
            Networks.Create("plain"),
            data,
            progress =>
            {
                if (progress.Finished is not null)
                {
                    process.Refresh();
                    held.Add(process.WorkingSet64 / Megabyte);
                }
            }
        );
        process.Refresh();
        return [.. held, process.PeakWorkingSet64 / Megabyte];
    }
}

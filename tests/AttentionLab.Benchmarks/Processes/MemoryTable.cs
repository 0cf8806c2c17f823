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

    public string Title => $"Memory of the process over {Epochs} epochs, plain network, batch 64, medians of five epochs";

    private const int Epochs = 60;

    public void Write(TextWriter output, bool quick)
    {
        output.Heading("code for", "after epochs 1–5", "6–10", "21–25", "56–60", "growth from 6–10 to 56–60", "peak");
        foreach (ProcessorLevel level in ProcessorLevel.All)
        {
            double[] held = Probe.Run("memory", 1, level.Environment, quick ? "256" : "1280");
            double[] medians = [.. new[] { 0, 5, 20, 55 }.Select(before => held.Skip(before).Take(5).Median())];
            output.Row([
                level.Name,
                .. medians.Select(Megabytes),
                $"{(medians[^1] / medians[1]) - 1:p1}",
                Megabytes(held[Epochs]),
            ]);
        }

        static string Megabytes(double value) => $"{value:N0} MB";
    }

    /// <summary>Megabytes after each epoch, then the peak. Argument: pictures.</summary>
    public static double[] Measure(string[] arguments)
    {
        DataSet data = ShapeSet.Create(
            train: int.Parse(arguments[0], System.Globalization.CultureInfo.InvariantCulture),
            test: 256,
            seed: 0
        );
        var held = new List<double>();
        using var process = Process.GetCurrentProcess();
        new Trainer(new TrainingOptions { Epochs = Epochs, Device = CPU }).Fit(
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

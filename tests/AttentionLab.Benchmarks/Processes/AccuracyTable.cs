using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Benchmarks.Processes;

/// <summary>Test accuracy against time, epoch by epoch, of the presets: minutes to hours, so only when it is asked for.</summary>
internal sealed class AccuracyTable : ITable
{
    private static readonly (string Name, TrainingOptions Options)[] Presets =
    [
        ("fast", TrainingOptions.Fast),
        ("fast-resnet", TrainingOptions.FastResNet),
        ("tutorial", TrainingOptions.Tutorial),
    ];

    /// <summary>CIFAR-10's folder, or <c>shapes</c>.</summary>
    public string Data { get; set; } = "data";

    /// <summary>The runs' seeds; every preset and network is trained with each.</summary>
    public int[] Seeds { get; set; } = [0, 1, 2];

    /// <summary>The presets to train with.</summary>
    public string[] Chosen { get; set; } = ["fast"];

    /// <summary>The networks to train.</summary>
    public string[] Architectures { get; set; } = ["plain", "se"];

    /// <summary>Epochs instead of the presets'.</summary>
    public int? Epochs { get; set; }

    public static IReadOnlyList<string> PresetNames { get; } = [.. Presets.Select(preset => preset.Name)];

    public string Name => "accuracy";

    public string Title => "Test accuracy by time, every epoch";

    public bool IsOnRequest => true;

    public void Write(TextWriter output, bool quick)
    {
        DataSet data = DataSets.Load(Data, output.WriteLine);
        output.WriteLine();
        output.Heading("preset, network", "seed", "epoch", "training, s", "with tests, s", "test accuracy");
        foreach ((string preset, TrainingOptions options) in Presets.Where(preset => Chosen.Contains(preset.Name)))
        {
            foreach (string network in Architectures)
            {
                foreach (int seed in quick ? Seeds[..1] : Seeds)
                {
                    TrainingOptions run = options with { Seed = seed, Epochs = quick ? 1 : Epochs ?? options.Epochs };
                    Write(output, $"{preset}, {network}", network, data, run);
                }
            }
        }
    }

    private static void Write(TextWriter output, string row, string network, DataSet data, TrainingOptions options)
    {
        using var model = NetworkArchitecture.Get(network).Create(data.ClassNames.Count, options.Seed);
        double training = 0,
            all = 0;
        new Trainer(options).Fit(
            model,
            data,
            progress =>
            {
                if (progress.Finished is { } epoch)
                {
                    training += data.Train.Count / epoch.ImagesPerSecond;
                    all += epoch.Duration.TotalSeconds;
                    Row($"{epoch.Epoch}", epoch.TestAccuracy);
                }
            }
        );
        Evaluation views = Evaluation.Of(
            model,
            data.Test,
            data.Normalization,
            options.BatchSize,
            testTimeFlipping: true,
            testTimeShift: 1
        );
        Row("both sides, shifted by 1 pixel", views.Accuracy);

        void Row(string epoch, double accuracy)
        {
            FormattableString[] cells =
            [
                $"{row}",
                $"{options.Seed}",
                $"{epoch}",
                $"{training:f1}",
                $"{all:f1}",
                $"{100 * accuracy:f2} %",
            ];
            output.Row(cells.Select(cell => cell.ToString(CultureInfo.InvariantCulture)));
            output.Flush();
        }
    }
}

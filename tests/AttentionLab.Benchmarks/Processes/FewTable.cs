using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Imaging;
using AttentionLab.Models;
using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Benchmarks.Processes;

/// <summary>What fifty pictures a class teach: a last layer, the last stage with it, or a small network from scratch; minutes to
/// an hour, so only when it is asked for.</summary>
internal sealed class FewTable : ITable
{
    private const int PicturesAClass = 50,
        Folds = 5,
        Frozen = 0,
        Tuned = 1,
        Scratch = 2;

    private static readonly string[] Ways =
    [
        "pretrained ResNet-18, a new last layer (`--freeze`)",
        "its last stage learns too (`--fine-tune`)",
        "`se` from scratch",
    ];

    private static readonly string[][] Sets =
    [
        ["cat", "dog"],
        ["frog", "truck"],
        ["airplane", "frog", "truck"],
    ];

    private static readonly TrainingOptions FromScratch = TrainingOptions.Fast with { Epochs = 40, BatchSize = 16 };

    public string Name => "few";

    public string Title => "Fifty pictures a class of CIFAR-10, cross-validated in five parts, one core";

    public bool IsOnRequest => true;

    public void Write(TextWriter output, bool quick)
    {
        output.Heading(["", "seeds", .. Sets.Select(classes => string.Join(", ", classes))]);
        for (int way = 0; way < Ways.Length; way++)
        {
            int seeds = quick || way != Scratch ? 1 : 3;
            output.Row([
                Ways[way],
                $"{seeds}",
                .. Sets.Select(
                    (_, set) =>
                    {
                        double[][] runs =
                        [
                            .. Enumerable
                                .Range(0, seeds)
                                .Select(seed => Probe.Run(Name, 1, Tables.Accuracy.Data, $"{way}", $"{set}", $"{seed}")),
                        ];
                        return seeds == 1
                            ? $"{runs[0][0]:f1} % ({runs[0][1]:f1} to {runs[0][2]:f1})"
                            : string.Join(", ", runs.Select(run => $"{run[0]:f1}")) + " %";
                    }
                ),
            ]);
        }
    }

    /// <summary>The share of pictures named right by what learned from others, and its 95 % interval, in %. Arguments: CIFAR-10's
    /// folder, way, set, seed.</summary>
    public static double[] Measure(string[] arguments)
    {
        set_num_threads(1);
        int way = Number(1),
            seed = Number(3);
        LabeledImages images = FirstOf(Cifar10.Load(arguments[0]).Train, Sets[Number(2)]);
        ConfidenceInterval right = way == Scratch ? RightFromScratch(images, seed) : RightOfHead(images, way == Tuned, seed);
        return [100 * right.Mean, 100 * right.Low, 100 * right.High];

        int Number(int at) => int.Parse(arguments[at], CultureInfo.InvariantCulture);
    }

    /// <summary>The first pictures of some classes.</summary>
    private static LabeledImages FirstOf(LabeledImages all, string[] classes)
    {
        (int Picture, int Class)[] chosen =
        [
            .. classes.SelectMany(
                (name, k) =>
                    Enumerable
                        .Range(0, all.Count)
                        .Where(i => all.ClassNames[all.Labels[i]] == name)
                        .Take(PicturesAClass)
                        .Select(i => (i, k))
            ),
        ];
        return new LabeledImages(
            "few",
            all.Height,
            all.Width,
            [.. chosen.SelectMany(each => all.PlanesOf(each.Picture).ToArray())],
            [.. chosen.Select(each => each.Class)],
            classes
        );
    }

    /// <summary>As <c>train --freeze</c> and <c>--fine-tune</c> on files of them.</summary>
    private static ConfidenceInterval RightOfHead(LabeledImages images, bool isTuned, int seed)
    {
        string folder = Directory.CreateTempSubdirectory("attentionlab-few-").FullName;
        try
        {
            for (int i = 0; i < images.Count; i++)
            {
                PngFile.Save(images.PictureOf(i), Path.Combine(folder, images.ClassNames[images.Labels[i]], $"{i:000}.png"));
            }

            using TrainedNetwork network = PretrainedNetworks.ResNet18Async().GetAwaiter().GetResult();
            var options = new LinearHeadOptions
            {
                Folds = Folds,
                Seed = seed,
                FineTuning = isTuned ? new FineTuning() : null,
            };
            return LinearHead.Fit(network, LabeledPhotographs.Find(folder), options).Accuracy;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ConfidenceInterval RightFromScratch(LabeledImages images, int seed)
    {
        Evaluation judged = KFold.Judge(
            [.. images.Labels],
            images.ClassNames,
            Folds,
            seed,
            (outside, inside) =>
            {
                using DisposeScope scope = NewDisposeScope();
                LabeledImages test = Rows(inside);
                var data = new DataSet("few", Rows(outside), test, Normalization.Tutorial);
                using var model = new SeCnn(images.ClassNames.Count, seed: seed);
                new Trainer(FromScratch with { Seed = seed }).Fit(model, data);
                Evaluation evaluation = Evaluation.Of(model, test, data.Normalization, testTimeFlipping: true);
                return tensor(
                        [.. evaluation.Probabilities!.Cast<float>().Select(share => (double)share)],
                        dtype: ScalarType.Float64
                    )
                    .MoveToOuterDisposeScope();
            }
        );
        return ConfidenceInterval.OfShare((int)Math.Round(judged.Accuracy * images.Count), images.Count);

        LabeledImages Rows(long[] rows) => images.Select([.. rows.Select(row => (int)row)]);
    }
}

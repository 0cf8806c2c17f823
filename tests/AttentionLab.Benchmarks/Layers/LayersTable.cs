using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Evaluate;
using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Training;
using static TorchSharp.torch;

namespace AttentionLab.Benchmarks.Layers;

/// <summary>
/// At which layer the methods of the CAM family show the object best: before and after normalisation, ReLU, attention and
/// pooling. The measurements behind the default layer (lib/docs/default-layer.md), on the built-in pictures, whose objects are
/// known.
/// </summary>
internal sealed class LayersTable : ITable
{
    private static readonly string[] Methods =
    [
        "grad-cam",
        "grad-cam++",
        "xgrad-cam",
        "hires-cam",
        "layer-cam",
        "eigen-cam",
        "eigen-grad-cam",
        "score-cam",
        "ablation-cam",
    ];

    private static readonly EvaluationMeasure[] Measures =
    [
        new PointingGame(),
        new IntersectionOverUnion(),
        new EnergyPointingGame(),
        new Deletion { Steps = 8 },
        new Insertion { Steps = 8 },
    ];

    public string Name => "layers";

    public string Title => "Where to explain: the CAM family at the last layers of each network, built-in pictures";

    public void Write(TextWriter output, bool quick)
    {
        set_num_threads(1);
        DataSet data = ShapeSet.Create();
        LabeledImages images = data.Test.Select("first", [.. Enumerable.Range(0, quick ? 10 : 50)]);
        var means = new List<(string Network, string Stage, string Layer, double[] Means)>();
        (string Name, Func<nn.Module<Tensor, Tensor>> Create, (string Stage, string Layer)[] Layers)[] networks =
        [
            (
                "Cnn",
                () => Trained(new Cnn(), "data/trained/Shapes plain.safetensors"),
                [("convolution", "conv3"), ("BatchNorm", "bn3"), ("ReLU", "relu3"), ("pooling", "pool3")]
            ),
            (
                "SeCnn",
                () => Trained(new SeCnn(), "data/trained/Shapes se.safetensors"),
                [("convolution", "conv3"), ("BatchNorm", "bn3"), ("ReLU", "relu3"), ("attention", "ca3"), ("pooling", "pool3")]
            ),
            (
                "SeResNet",
                () => SeResNet(data),
                [
                    ("convolution", "layer3.2.conv2"),
                    ("BatchNorm", "layer3.2.bn2"),
                    ("attention", "layer3.2.se"),
                    ("shortcut and ReLU", "layer3"),
                ]
            ),
        ];
        foreach ((string name, Func<nn.Module<Tensor, Tensor>> create, (string Stage, string Layer)[] layers) in networks)
        {
            using nn.Module<Tensor, Tensor> model = create();
            output.WriteLine($"### {name}, {images.Count} pictures\n");
            output.Heading(["method, layer", .. Measures.Select(measure => measure.Name), "blank"]);
            var rows = new List<(string Layer, double[] Row)>();
            foreach (string method in Methods)
            {
                foreach ((string layer, double[] row) in Measure(method, model, images, data.Normalization, layers))
                {
                    rows.Add((layer, row));
                    output.Row([$"{method}, {layer}", .. row.Select(Text)]);
                    output.Flush();
                }
            }

            output.WriteLine();
            means.AddRange(
                layers.Select(each =>
                    (
                        name,
                        each.Stage,
                        each.Layer,
                        Enumerable
                            .Range(0, Measures.Length + 1)
                            .Select(i => rows.Where(row => row.Layer == each.Layer).Average(row => row.Row[i]))
                            .ToArray()
                    )
                )
            );
        }

        output.WriteLine("### Means over the methods\n");
        output.Heading(["network, after", "layer", .. Measures.Select(measure => measure.Name), "blank"]);
        foreach ((string network, string stage, string layer, double[] row) in means)
        {
            output.Row([$"{network}, {stage}", layer, .. row.Select(Text)]);
        }
    }

    private static IEnumerable<(string Layer, double[] Row)> Measure(
        string method,
        nn.Module<Tensor, Tensor> model,
        LabeledImages images,
        Normalization normalization,
        (string Stage, string Layer)[] layers
    )
    {
        int[] all = [.. Enumerable.Range(0, images.Count)];
        using Tensor input = normalization.ToTensor(images, all);
        IReadOnlyList<EvaluationTrial> trials = EvaluationTrial.Of(
            ExplanationMethods.Get(method),
            model,
            input,
            [.. all.Select(i => images.MaskOf(i).ToArray())],
            new ExplanationOptions { Layers = [.. layers.Select(each => each.Layer)] }
        );
        foreach ((_, string layer) in layers)
        {
            EvaluationTrial trial = trials.Single(trial => trial.Explanation.Layer == layer);
            double[] scores =
            [
                .. Measures.Select(measure => measure.Score(trial).Where(score => !double.IsNaN(score)).Average()),
            ];
            yield return (layer, [.. scores, (double)trial.Explanation.Blank.Count / images.Count]);
        }
    }

    private static string Text(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static nn.Module<Tensor, Tensor> Trained(nn.Module<Tensor, Tensor> model, string file)
    {
        WeightFile.Load(model, Path.Combine(Repository, file));
        model.eval();
        return model;
    }

    /// <summary>
    /// The third network has no weights here: it is trained for four epochs, once, as <c>train --model se-resnet --data shapes
    /// --epochs 4</c> does.
    /// </summary>
    private static nn.Module<Tensor, Tensor> SeResNet(DataSet data)
    {
        string file = Path.Combine(Repository, "data", "weights", "Shapes se-resnet.safetensors");
        var model = new SeResNet(seed: 0);
        if (!File.Exists(file))
        {
            new Trainer(new TrainingOptions { Epochs = 4 }).Fit(model, data);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            WeightFile.Save(model, file);
        }

        return Trained(model, file);
    }

    private static string Repository
    {
        get
        {
            DirectoryInfo? folder = new(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AttentionLab.slnx")))
            {
                folder = folder.Parent;
            }

            return folder?.FullName ?? throw new InvalidOperationException("The benchmarks do not run inside the repository.");
        }
    }
}

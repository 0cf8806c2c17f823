using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Imaging;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// Classes of your own from few photographs: a frozen network's features once for each photograph, then a linear layer on them,
/// solved in a second (logistic regression with an L2 penalty). How well it does is measured by cross-validation.
/// </summary>
/// <remarks>
/// <code>
/// using var backbone = await PretrainedNetworks.ResNet18Async();
/// LinearHead head = LinearHead.Fit(backbone, LabeledPhotographs.Find("my-pictures"));
/// display(head.Accuracy);
/// display(new GradCam().Explain(head.Network, photo).Over(photo));
/// </code>
/// </remarks>
public sealed record LinearHead
{
    private const int AtOnce = 16;

    private LinearHead(
        TrainedNetwork network,
        Evaluation crossValidation,
        ConfidenceInterval accuracy,
        IReadOnlyList<string> files
    ) => (Network, CrossValidation, Accuracy, Files) = (network, crossValidation, accuracy, files);

    /// <summary>
    /// The frozen network with the layer that all photographs taught, to predict and explain with;
    /// <see cref="TrainedNetwork.Save"/> keeps the layer. It shares the frozen network: dispose one of the two, when both are
    /// done.
    /// </summary>
    public TrainedNetwork Network { get; }

    /// <summary>What layers said of photographs that they had not learned from, in the order of <see cref="Files"/>.</summary>
    public Evaluation CrossValidation { get; }

    /// <summary>The share of those named right, with its 95 % interval.</summary>
    public ConfidenceInterval Accuracy { get; }

    /// <summary>The photographs that were read.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Learns.</summary>
    /// <param name="network">The frozen network; its outputs are the features.</param>
    /// <param name="photographs">At least two of each of two or more classes.</param>
    /// <param name="options">Penalty, folds, seed; null for the defaults.</param>
    /// <param name="report">Receives a sentence for each unreadable file, which is left out.</param>
    /// <param name="progress">Receives the share of photographs read, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops between two photographs.</param>
    /// <exception cref="ArgumentException">There are fewer than two classes, or fewer than two photographs of one.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static LinearHead Fit(
        TrainedNetwork network,
        LabeledPhotographs photographs,
        LinearHeadOptions? options = null,
        Action<string>? report = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(photographs);
        options ??= new LinearHeadOptions();
        options.Check();
        using DisposeScope scope = NewDisposeScope();
        (string[] files, int[] labels, float[][] features) = Read(network, photographs, report, progress, cancellationToken);
        int smallest = SmallestClass(photographs, labels);
        int dimensions = features[0].Length,
            classes = photographs.ClassNames.Count;
        Tensor x = tensor([.. features.SelectMany(each => each)], [features.Length, dimensions]).to(ScalarType.Float64),
            y = tensor([.. labels.Select(label => (long)label)]);

        Evaluation judged = CrossValidate(x, labels, photographs.ClassNames, Math.Min(options.Folds, smallest), options);
        (Tensor weight, Tensor bias) = LogisticRegression.Fit(x, y, classes, options.Regularization);
        TorchSharp.Modules.Linear head = nn.Linear(dimensions, classes);
        using (no_grad())
        {
            head.weight.copy_(weight);
            head.bias!.copy_(bias);
        }

        scope.Detach(head.parameters());
        var module = new HeadedNetwork(network.Module, head.to(network.Device));
        module.eval();
        return new LinearHead(
            new TrainedNetwork(module, photographs.ClassNames, network.Preprocessing)
            {
                Architecture = network.Module is PooledFeatures ? NetworkArchitecture.PretrainedHead : null,
            },
            judged,
            ConfidenceInterval.OfShare(
                judged.Predictions.Zip(labels, (predicted, label) => predicted == label).Count(right => right),
                labels.Length
            ),
            files
        );
    }

    /// <summary>"91.3 % right (95 % interval 84.0 to 96.7) of 60 photographs not learned from".</summary>
    public override string ToString() =>
        FormattableString.Invariant(
            $"{100 * Accuracy.Mean:f1} % right (95 % interval {100 * Accuracy.Low:f1} to {100 * Accuracy.High:f1}) of "
        ) + FormattableString.Invariant($"{Files.Count} photographs not learned from");

    private static (string[] Files, int[] Labels, float[][] Features) Read(
        TrainedNetwork network,
        LabeledPhotographs photographs,
        Action<string>? report,
        IProgress<double>? progress,
        CancellationToken cancellationToken
    )
    {
        var labelOf = photographs.Files.DistinctBy(each => each.File).ToDictionary(each => each.File, each => each.Label);
        var read = new List<(string File, float[] Features)>();
        int done = 0;
        foreach ((string File, int Label)[] part in photographs.Files.Chunk(AtOnce))
        {
            (string File, Image Image)[] images =
            [
                .. PictureFiles.Read(part.Select(each => each.File), report ?? (_ => { }), cancellationToken),
            ];
            if (images.Length > 0)
            {
                IReadOnlyList<Prediction> outputs = network.Predict([.. images.Select(each => each.Image)], cancellationToken);
                read.AddRange(images.Zip(outputs, (image, output) => (image.File, output.Output.ToArray())));
            }

            done += part.Length;
            progress?.Report((double)done / photographs.Files.Count);
        }

        return (
            [.. read.Select(each => each.File)],
            [.. read.Select(each => labelOf[each.File])],
            [.. read.Select(each => each.Features)]
        );
    }

    private static int SmallestClass(LabeledPhotographs photographs, int[] labels)
    {
        int[] counts = [.. photographs.ClassNames.Select((_, label) => labels.Count(each => each == label))];
        if (counts.Length < 2)
        {
            throw new ArgumentException(
                $"{photographs.Name} has {counts.Length} class: there is nothing to tell apart.",
                nameof(photographs)
            );
        }

        int smallest = counts.Min();
        return smallest >= 2
            ? smallest
            : throw new ArgumentException(
                $"{photographs.Name} has {smallest} readable photographs of "
                    + $"{photographs.ClassNames[Array.IndexOf(counts, smallest)]}: two of each class are the least, "
                    + "ten or more are better.",
                nameof(photographs)
            );
    }

    /// <summary>Each photograph as a layer sees it that learned from the other folds; folds have each class in equal
    /// shares.</summary>
    private static Evaluation CrossValidate(
        Tensor x,
        int[] labels,
        IReadOnlyList<string> classNames,
        int folds,
        LinearHeadOptions options
    )
    {
        int[] foldOf = FoldsOf(labels, folds, options.Seed);
        var probabilities = new float[labels.Length, classNames.Count];
        for (int fold = 0; fold < folds; fold++)
        {
            using DisposeScope scope = NewDisposeScope();
            long[] inside = [.. Rows(foldOf, each => each == fold)],
                outside = [.. Rows(foldOf, each => each != fold)];
            (Tensor weight, Tensor bias) = LogisticRegression.Fit(
                x.index_select(0, tensor(outside)),
                tensor([.. outside.Select(row => (long)labels[row])]),
                classNames.Count,
                options.Regularization
            );
            double[] shares =
            [
                .. (x.index_select(0, tensor(inside)).mm(weight.t()) + bias).softmax(1).contiguous().data<double>().ToArray(),
            ];
            for (int i = 0; i < shares.Length; i++)
            {
                probabilities[inside[i / classNames.Count], i % classNames.Count] = (float)shares[i];
            }
        }

        int[] rows = [.. Enumerable.Range(0, labels.Length)];
        int[] predictions = [.. rows.Select(row => Enumerable.Range(0, classNames.Count).MaxBy(k => probabilities[row, k]))];
        return new Evaluation(
            rows.Average(row => -Math.Log(Math.Max(probabilities[row, labels[row]], float.Epsilon))),
            rows.Average(row => predictions[row] == labels[row] ? 1.0 : 0),
            predictions
        )
        {
            Labels = labels,
            ClassNames = classNames,
            Probabilities = probabilities,
        };
    }

    private static IEnumerable<long> Rows(int[] foldOf, Func<int, bool> of) =>
        foldOf.Index().Where(each => of(each.Item)).Select(each => (long)each.Index);

    private static int[] FoldsOf(int[] labels, int folds, long seed)
    {
        var foldOf = new int[labels.Length];
        foreach (IGrouping<int, (int Index, int Item)> group in labels.Index().GroupBy(each => each.Item))
        {
            int[] rows = [.. group.Select(each => each.Index)];
            var random = new RandomStream(seed, group.Key);
            random.Shuffle(rows.AsSpan());
            for (int i = 0; i < rows.Length; i++)
            {
                foldOf[rows[i]] = i % folds;
            }
        }

        return foldOf;
    }
}

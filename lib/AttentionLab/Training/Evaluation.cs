using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>How well a network names the pictures of a split.</summary>
/// <param name="Loss">Mean cross-entropy, every picture weighing alike.</param>
/// <param name="Accuracy">Share named right, in [0, 1].</param>
/// <param name="Predictions">The class named for each picture, in the split's order.</param>
public sealed record Evaluation(double Loss, double Accuracy, IReadOnlyList<int> Predictions)
{
    /// <summary>The true class of each picture, in the split's order.</summary>
    public required IReadOnlyList<int> Labels { get; init; }

    /// <summary>A name for each of the K outputs; an output beyond the split's classes is called "output 12".</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>The softmax of the logits, N×K: rows in the split's order, in [0, 1], each with the sum 1.</summary>
    public required float[,] Probabilities { get; init; }

    /// <summary>
    /// How many pictures of each class (rows) the network took for each class (columns), K×K. The diagonal is right.
    /// </summary>
    public int[,] ConfusionMatrix
    {
        get
        {
            var counts = new int[ClassNames.Count, ClassNames.Count];
            foreach ((int label, int predicted) in Labels.Zip(Predictions))
            {
                counts[label, predicted]++;
            }

            return counts;
        }
    }

    /// <summary>Precision, recall and F₁ of each class, in the order of <see cref="ClassNames"/>.</summary>
    public IReadOnlyList<ClassScore> PerClass
    {
        get
        {
            int[,] counts = ConfusionMatrix;
            int[] classes = [.. Enumerable.Range(0, ClassNames.Count)];
            return
            [
                .. classes.Select(c =>
                {
                    double right = counts[c, c];
                    int support = classes.Sum(other => counts[c, other]),
                        predicted = classes.Sum(other => counts[other, c]);
                    // A quotient 0 / 0 is NaN: there is nothing to take the share of.
                    return new ClassScore(
                        ClassNames[c],
                        right / predicted,
                        right / support,
                        2 * right / (support + predicted),
                        support
                    );
                }),
            ];
        }
    }

    /// <summary>The pictures named wrong, the most confident mistake first; equal ones in the split's order.</summary>
    public IReadOnlyList<Misclassification> Misclassified =>
        [
            .. Predictions
                .Select((predicted, i) => new Misclassification(i, Labels[i], predicted, Probabilities[i, predicted]))
                .Where(picture => picture.TrueClass != picture.PredictedClass)
                .OrderByDescending(picture => picture.Confidence),
        ];

    /// <summary>
    /// Runs a network over a split in order, in eval mode and without gradients. Every module's mode is put back.
    /// </summary>
    /// <param name="model">N×C×H×W to logits N×classes.</param>
    /// <param name="images">The split.</param>
    /// <param name="normalization">How its pixels become the network's input.</param>
    /// <param name="batchSize">Pictures at once.</param>
    /// <param name="device">Where to compute; null for where the network's weights are.</param>
    /// <param name="testTimeFlipping">Whether the logits are the mean of those of the picture and of its mirror image.</param>
    /// <param name="testTimeShift">
    /// s, in pixels, at least 0 and less than the pictures' sides: the logits are ½·z(x) + ¼·z(x moved by (s, s)) +
    /// ¼·z(x moved by (−s, −s)), with the border filled by reflection, as in Jordan's airbench (2024). 0: the picture alone. With
    /// <paramref name="testTimeFlipping"/> each of the three is seen from both sides.
    /// </param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="ArgumentException">The split is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The shift is negative or as large as a picture.</exception>
    /// <exception cref="InvalidOperationException">The network cannot take the pictures, or does not output a number for each
    /// class.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static Evaluation Of(
        nn.Module<Tensor, Tensor> model,
        LabeledImages images,
        Normalization normalization,
        int batchSize = 64,
        Device? device = null,
        bool testTimeFlipping = false,
        int testTimeShift = 0,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfNegative(testTimeShift);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(testTimeShift, Math.Min(images.Width, images.Height));
        device ??= model.Device();
        if (images.Count == 0)
        {
            throw new ArgumentException($"{images.Name} has no pictures to judge by.", nameof(images));
        }

        NativeHeap.KeepFreedMemory();
        var modes = new ModuleModes(model);
        model.eval();
        try
        {
            using IDisposable noGradients = inference_mode();
            using DisposeScope scope = NewDisposeScope();
            var probabilities = new List<Tensor>();
            var predictions = new List<int>(images.Count);
            double loss = 0;
            foreach (Batch batch in new Batches(images, normalization, batchSize, device: device).Epoch(0))
            {
                using (batch)
                using (NewDisposeScope())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Tensor logits = LogitsOfShifts(
                        batch.Images,
                        testTimeShift,
                        pictures => LogitsOfSides(model, pictures, images.ClassNames.Count, testTimeFlipping)
                    );
                    loss += nn.functional.cross_entropy(logits, batch.Labels).item<float>() * batch.Count;
                    probabilities.Add(logits.softmax(1, ScalarType.Float32).cpu().MoveToOuterDisposeScope());
                    predictions.AddRange(logits.argmax(1).cpu().data<long>().Select(predicted => (int)predicted));
                }
            }

            int right = predictions.Index().Count(each => each.Item == images.Labels[each.Index]);
            float[,] shares = cat(probabilities).ToMatrix();
            return new Evaluation(loss / images.Count, (double)right / images.Count, predictions)
            {
                Labels = images.Labels.ToArray(),
                ClassNames = NamesOf(images, shares.GetLength(1)),
                Probabilities = shares,
            };
        }
        finally
        {
            modes.Restore();
        }
    }

    private static Tensor LogitsOfSides(nn.Module<Tensor, Tensor> model, Tensor pictures, int classes, bool testTimeFlipping)
    {
        Tensor logits = Logits.Of(model, pictures, classes);
        return testTimeFlipping ? (logits + Logits.Of(model, pictures.flip(3), classes)) / 2 : logits;
    }

    private static Tensor LogitsOfShifts(Tensor pictures, int shift, Func<Tensor, Tensor> logits)
    {
        if (shift == 0)
        {
            return logits(pictures);
        }

        (long height, long width) = (pictures.shape[2], pictures.shape[3]);
        Tensor wide = nn.functional.pad(pictures, [shift, shift, shift, shift], PaddingModes.Reflect);
        Tensor Moved(long start) => wide.narrow(2, start, height).narrow(3, start, width).contiguous();
        return (logits(pictures) / 2) + ((logits(Moved(0)) + logits(Moved(2 * shift))) / 4);
    }

    /// <summary>The classes, and a name for each output beyond them.</summary>
    private static string[] NamesOf(LabeledImages images, int outputs) =>
        [
            .. images.ClassNames,
            .. Enumerable.Range(0, outputs).Skip(images.ClassNames.Count).Select(output => $"output {output}"),
        ];

    /// <summary>Accuracy, loss and number of pictures, in words.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"accuracy {100 * Accuracy:f1} %, loss {Loss:g4}, pictures {Predictions.Count}");
}

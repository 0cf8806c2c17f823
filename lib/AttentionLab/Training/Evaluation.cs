using AttentionLab.Core;
using AttentionLab.Data;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>How well a network names the pictures of a split.</summary>
/// <param name="Loss">Mean cross-entropy, every picture weighing alike.</param>
/// <param name="Accuracy">Share named right, in [0, 1].</param>
/// <param name="Predictions">The class named for each picture, in the split's order.</param>
public sealed record Evaluation(double Loss, double Accuracy, IReadOnlyList<int> Predictions)
{
    /// <summary>Runs a network over a split in order, in eval mode and without gradients. Every module's mode is put back.</summary>
    /// <param name="model">N×3×H×W to logits N×classes.</param>
    /// <param name="images">The split.</param>
    /// <param name="normalization">How its pixels become the network's input.</param>
    /// <param name="batchSize">Pictures at once.</param>
    /// <param name="device">Where the network lives; null for the CPU.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="ArgumentException">The split is empty.</exception>
    /// <exception cref="InvalidOperationException">The network cannot take the pictures, or does not put out a number for each class.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static Evaluation Of(
        nn.Module<Tensor, Tensor> model,
        LabeledImages images,
        Normalization normalization,
        int batchSize = 64,
        Device? device = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(images);
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
            var predictions = new List<int>(images.Count);
            double loss = 0;
            int right = 0;
            foreach (Batch batch in new Batches(images, normalization, batchSize, device: device).Epoch(0))
            {
                using (batch)
                using (NewDisposeScope())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Tensor logits = Logits.Of(model, batch.Images, images.ClassNames.Count);
                    loss += nn.functional.cross_entropy(logits, batch.Labels).item<float>() * batch.Count;
                    foreach (long predicted in logits.argmax(1).cpu().data<long>())
                    {
                        right += predicted == images.Labels[predictions.Count] ? 1 : 0;
                        predictions.Add((int)predicted);
                    }
                }
            }

            return new Evaluation(loss / images.Count, (double)right / images.Count, predictions);
        }
        finally
        {
            modes.Restore();
        }
    }
}

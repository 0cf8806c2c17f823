using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using AttentionLab.Data;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>One step of gradient descent.</summary>
/// <param name="Loss">The mean loss over the batch, before the weights moved.</param>
/// <param name="Right">How many pictures were named right.</param>
internal readonly record struct TrainingStep(double Loss, int Right)
{
    /// <summary>Takes a step; none when the loss is not finite, so that the weights stay finite.</summary>
    /// <param name="model">N×C×H×W to logits N×classes.</param>
    /// <param name="optimizer">Of the network's weights.</param>
    /// <param name="batch">What to learn from.</param>
    /// <param name="options">Mixing, label smoothing, gradient clipping.</param>
    /// <param name="precision">What the network computes in.</param>
    /// <param name="classes">How many outputs it needs at least.</param>
    public static TrainingStep Take(
        nn.Module<Tensor, Tensor> model,
        RunningOptimizer optimizer,
        Batch batch,
        TrainingOptions options,
        ScalarType precision = ScalarType.Float32,
        int classes = 1
    )
    {
        using DisposeScope scope = NewDisposeScope();
        optimizer.ZeroGradients();
        MixedBatch pictures = options.Mixing?.Mix(batch) ?? new MixedBatch(batch.Images, batch.Labels);
        Tensor logits = Logits.Of(model, pictures.Images.to(precision), classes).to(ScalarType.Float32);
        Tensor loss = CrossEntropyOf(logits, pictures, options.LabelSmoothing);
        CheckDepends(loss, model);
        double value = loss.item<float>();
        if (double.IsFinite(value))
        {
            Backward(loss);
            if (options.MaxGradientNorm is { } norm)
            {
                nn.utils.clip_grad_norm_(model.parameters(), norm);
            }

            optimizer.Step();
        }

        return new TrainingStep(value, (int)(logits.argmax(1) == batch.Labels).sum().item<long>());
    }

    private static void Backward(Tensor loss)
    {
        _ = BackwardFailure.Take(); // of an earlier pass
        try
        {
            loss.backward();
        }
        catch (ExternalException) when (BackwardFailure.Take() is { } cause)
        {
            ExceptionDispatchInfo.Throw(cause);
        }
    }

    /// <summary>Cross-entropy; of mixed pictures the mean over both classes, weighed by their shares.</summary>
    internal static Tensor CrossEntropyOf(Tensor logits, MixedBatch pictures, double smoothing)
    {
        Tensor loss = CrossEntropy(pictures.Labels);
        return pictures.OtherLabels is { } other ? (loss * pictures.Share) + (CrossEntropy(other) * (1 - pictures.Share)) : loss;

        Tensor CrossEntropy(Tensor labels) => nn.functional.cross_entropy(logits, labels, label_smoothing: smoothing);
    }

    private static void CheckDepends(Tensor loss, nn.Module model)
    {
        if (!loss.requires_grad)
        {
            throw new InvalidOperationException(
                $"The output of {model.GetName()} does not depend on a weight that learns: it computes without gradients "
                    + "(no_grad, detach), or it does not use the weights that require a gradient."
            );
        }
    }
}

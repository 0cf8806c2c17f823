using System.Globalization;
using System.Runtime.InteropServices;
using AttentionLab.Core;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// A network's answer to some pictures, with an error in words where torch's own names neither the pictures nor the classes.
/// </summary>
internal static class Logits
{
    private const int LongestReason = 300;

    /// <summary>Calls a network.</summary>
    /// <param name="model">N×C×H×W to logits N×classes.</param>
    /// <param name="images">N×C×H×W.</param>
    /// <param name="classes">How many outputs it needs at least.</param>
    /// <returns>N×K, K at least <paramref name="classes"/>.</returns>
    /// <exception cref="InvalidOperationException">It cannot take the pictures, or outputs something else.</exception>
    public static Tensor Of(nn.Module<Tensor, Tensor> model, Tensor images, int classes)
    {
        Tensor logits;
        try
        {
            logits =
                model.call(images)
                ?? throw new InvalidOperationException(
                    $"{model.GetName()} returned null for {Sides(images)} pictures: let its forward return the tensor of logits."
                );
        }
        catch (Exception e) when (e is ExternalException || e is { Source: "TorchSharp" } and ArgumentException)
        {
            throw new InvalidOperationException(
                $"{model.GetName()} cannot compute pictures of {Sides(images)} ({images.dtype}): "
                    + $"{Excerpt.Of(e.Message.Split('\n')[0], LongestReason)}",
                e
            );
        }

        return logits.shape switch
        {
            [var count, var outputs] when count == images.shape[0] && outputs >= classes => logits,
            [_] or [_, 1] => throw new InvalidOperationException(
                $"{model.GetName()} outputs one number for each picture ({Sides(logits)}). It is trained and judged by "
                    + $"cross-entropy, with an output for each of the {classes} classes: give its last layer {classes}."
            ),
            [var count, var outputs] when count == images.shape[0] => throw new InvalidOperationException(
                $"{model.GetName()} outputs {outputs} numbers for each picture, and there are {classes} classes: give its "
                    + $"last layer {classes} outputs."
            ),
            _ => throw new InvalidOperationException(
                $"{model.GetName()} outputs {Sides(logits)} for {images.shape[0]} pictures; it should be N×classes, "
                    + $"{images.shape[0]}×{classes} here. Flatten what comes before its last layer."
            ),
        };
    }

    private static string Sides(Tensor tensor) =>
        tensor.dim() == 0
            ? "a single number"
            : string.Join('×', tensor.shape.Select(side => side.ToString(CultureInfo.InvariantCulture)));
}

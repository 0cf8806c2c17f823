using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// A rectangle of one picture is replaced by that of another. Its sides are √(1 − share) of the picture's, its centre is drawn
/// anywhere; what lies outside the picture is cut off, and the share is that of the pixels kept.
/// </summary>
/// <remarks>
/// <see href="https://arxiv.org/abs/1905.04899">Yun et al., "CutMix: Regularization strategy to train strong classifiers with
/// localizable features", ICCV 2019</see>.
/// </remarks>
public sealed record CutMix : BatchMixing
{
    internal override MixedBatch Mix(Tensor images, Tensor labels, double share)
    {
        int height = (int)images.shape[2],
            width = (int)images.shape[3];
        int row = (int)randint(height, 1).item<long>(),
            column = (int)randint(width, 1).item<long>();
        return Mix(images, labels, share, row, column);
    }

    /// <summary>Mixes with a rectangle about a given pixel.</summary>
    internal static MixedBatch Mix(Tensor images, Tensor labels, double share, int row, int column)
    {
        int height = (int)images.shape[2],
            width = (int)images.shape[3];
        double half = 0.5 * Math.Sqrt(1 - share);
        (int top, int bottom) = Span(row, (int)(half * height), height);
        (int left, int right) = Span(column, (int)(half * width), width);
        Tensor mixed = images.clone();
        if (bottom > top && right > left)
        {
            mixed[.., .., top..bottom, left..right] = images.roll(1, 0)[.., .., top..bottom, left..right];
        }

        double kept = 1 - ((double)(bottom - top) * (right - left) / ((double)height * width));
        return new MixedBatch(mixed, labels, labels.roll(1, 0), kept);
    }

    private static (int Start, int End) Span(int centre, int half, int side) =>
        (Math.Max(0, centre - half), Math.Min(side, centre + half));
}

using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace AttentionLab.Explain;

/// <summary>
/// Score-CAM: each channel, enlarged and scaled to [0, 1], masks the picture, and counts by the score that is left. One forward
/// pass for each picture, and one for each channel of each picture.
/// </summary>
/// <remarks>
/// <para>$L = \max(0, ∑ₖ wₖ·Aₖ)$ with $w = \operatorname{softmax}ₖ y(x ⊙ Mₖ)$, Mₖ the layer's channel k enlarged to the
/// picture x and scaled to [0, 1].</para>
/// <para><see href="https://arxiv.org/abs/1910.01279">Wang et al., "Score-CAM: Score-weighted visual explanations for
/// convolutional neural networks", CVPR workshops 2020</see>, algorithm 1: the scores (logits, not probabilities) become
/// weights by a softmax over the channels, in which the score of the baseline, an input of zeros, cancels. A channel of
/// values that are equal but for rounding masks everything.</para>
/// </remarks>
public sealed class ScoreCam : PerturbationMap
{
    /// <inheritdoc/>
    public override string Name => "score-cam";

    /// <inheritdoc/>
    protected override Tensor WeightsOf(ExplanationPass pass, string layer)
    {
        Tensor activation = pass.Activations[layer];
        long[] size = pass.Input.shape[2..];
        return stack([
            .. Enumerable
                .Range(0, pass.Pictures)
                .Select(picture =>
                {
                    long[] asked = Asked(activation[picture]);
                    Tensor index = tensor(asked).to(activation.device),
                        channels = activation[picture].index_select(0, index).unsqueeze(1); // C×1×h×w of those asked about
                    double[] scores = pass.ScoresOf(
                        picture,
                        (int)channels.shape[0],
                        (start, end) =>
                        {
                            Tensor masks = interpolate(
                                channels[start..end],
                                size,
                                mode: InterpolationMode.Bilinear,
                                align_corners: false
                            );
                            return pass.Input[picture]
                                * Rounding.MinMax(masks, [2, 3], activation.dtype).to(pass.Input.dtype, pass.Input.device);
                        }
                    );
                    return AmongAll(tensor(scores).softmax(0), asked, activation.shape[1]);
                }),
        ]);
    }
}

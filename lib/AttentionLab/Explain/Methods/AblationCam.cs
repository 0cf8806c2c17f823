using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Ablation-CAM: each channel counts by the share of the score that is lost when the layer's channel is set to zero. One forward
/// pass for each picture, and one for each channel of each picture.
/// </summary>
/// <remarks>
/// <para>$L = \max(0, ∑ₖ wₖ·Aₖ)$ with $wₖ = (y − yₖ) / |y|$: Aₖ is the layer's channel k, y the score, yₖ the score when that
/// channel is zero.</para>
/// <para><see href="https://doi.org/10.1109/WACV45572.2020.9093360">Desai, Ramaswamy, "Ablation-CAM: Visual explanations for
/// deep convolutional network via gradient-free localization", WACV 2020</see>, has y in place of |y|, which is the same for
/// the positive scores that the paper has in mind; |y| keeps the sign right for others. Where y is near zero, that is
/// $|y| ≤ 2⁻²⁴·\maxₖ |y − yₖ|$, the weights are the plain differences y − yₖ, the same map but for its scale: to float32,
/// whose unit roundoff is 2⁻²⁴, the scores without a channel then hold nothing of y any more, and a share of it would
/// overflow.</para>
/// </remarks>
public sealed class AblationCam : PerturbationMap
{
    private const double UnitRoundoff = 1.0 / (1 << 24);

    /// <inheritdoc/>
    public override string Name => "ablation-cam";

    /// <inheritdoc/>
    protected override Tensor WeightsOf(ExplanationPass pass, string layer)
    {
        int channels = (int)pass.Activations[layer].shape[1],
            lastUse = pass.Activations.All(layer).Count,
            use = 0;
        Tensor? keep = null;
        using var ablation = new ForwardHooks(
            pass.Model,
            (path, _, output) => path == layer && ++use == lastUse ? output * keep! : output
        );
        double[] before = pass.Scores();
        return stack([
            .. Enumerable
                .Range(0, pass.Pictures)
                .Select(picture =>
                {
                    long[] asked = Asked(pass.Activations[layer][picture]);
                    double[] after = pass.ScoresOf(
                        picture,
                        asked.Length,
                        (start, end) =>
                        {
                            use = 0;
                            keep = pass.Layouts[layer]
                                .ForChannels(
                                    (1 - eye(channels).index_select(0, tensor(asked[start..end]))).to(
                                        pass.Input.dtype,
                                        pass.Input.device
                                    )
                                );
                            return pass.Input[picture].unsqueeze(0).repeat(end - start, 1, 1, 1);
                        }
                    );
                    return AmongAll(tensor(Weights(before[picture], after)), asked, channels);
                }),
        ]);
    }

    private static double[] Weights(double score, double[] without)
    {
        double[] lost = [.. without.Select(other => score - other)];
        double size = Math.Abs(score);
        return size <= UnitRoundoff * lost.Max(Math.Abs) ? lost : [.. lost.Select(difference => difference / size)];
    }
}

using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Ablation-CAM: each channel counts by the share of the score that is lost when the layer's channel is set to zero. One forward pass for each
/// picture, and one for each channel of each picture.
/// </summary>
/// <remarks>
/// Desai, Ramaswamy, "Ablation-CAM: Visual explanations for deep convolutional network via gradient-free localization", WACV 2020: (y − yₖ) / y. Here the
/// share is of |y|, which is the same for the positive scores that the paper has in mind, and keeps the sign right for others.
/// </remarks>
public sealed class AblationCam : PerturbationMap
{
    /// <inheritdoc/>
    public override string Name => "ablation-cam";

    private protected override Tensor WeightsOf(ExplanationPass pass, string layer)
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
                    if (before[picture] == 0)
                    {
                        throw new InvalidOperationException(
                            $"{Name}: the score of picture {picture} is 0, and no share of it can be lost. Explain another target, or take another method."
                        );
                    }

                    double[] after = pass.ScoresOf(
                        picture,
                        channels,
                        (start, end) =>
                        {
                            use = 0;
                            keep = (1 - eye(channels)[start..end])
                                .to(pass.Input.dtype, pass.Input.device)
                                .unsqueeze(-1)
                                .unsqueeze(-1);
                            return pass.Input[picture].unsqueeze(0).repeat(end - start, 1, 1, 1);
                        }
                    );
                    return tensor([.. after.Select(score => (before[picture] - score) / Math.Abs(before[picture]))]);
                }),
        ]);
    }
}

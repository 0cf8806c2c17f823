using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>Mean of two pictures, weighed by their shares.</summary>
/// <remarks>
/// <para>$x = λ·x₁ + (1 − λ)·x₂$, λ the first picture's share.</para>
/// <para><see href="https://arxiv.org/abs/1710.09412">Zhang et al., "mixup: Beyond empirical risk minimization", ICLR
/// 2018</see>.</para>
/// </remarks>
public sealed record Mixup : BatchMixing
{
    internal override MixedBatch Mix(Tensor images, Tensor labels, double share) =>
        new((images * share) + (images.roll(1, 0) * (1 - share)), labels, labels.roll(1, 0), share);
}

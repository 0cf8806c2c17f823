using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>Mean of two pictures, weighed by their shares.</summary>
/// <remarks>Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018.</remarks>
public sealed record Mixup : BatchMixing
{
    internal override MixedBatch Mix(Tensor images, Tensor labels, double share) =>
        new((images * share) + (images.roll(1, 0) * (1 - share)), labels, labels.roll(1, 0), share);
}

using AttentionLab.Core;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// GradientSHAP, or expected gradients: integrated gradients from many noisy baselines, one random step of each path. Signed.
/// Up to the sampling error the map adds up to the score minus the baselines' mean score. A forward and a backward pass for each
/// sample.
/// </summary>
/// <remarks>
/// <para>$L = ∑ᵢ (x − bᵢ) ⊙ ∂y(bᵢ + αᵢ·(x − bᵢ))/∂x / n$ over n samples: the baseline b is a plain colour with normal noise, α is
/// uniform in [0, 1).</para>
/// <para><see href="https://arxiv.org/abs/1906.10670">Erion et al., "Improving performance of deep learning models with axiomatic
/// attribution priors and expected gradients", 2019</see>, equation 3, which draws baselines from the training set; SHAP's
/// GradientExplainer, <see href="https://arxiv.org/abs/1705.07874">Lundberg, Lee, NeurIPS 2017</see>.</para>
/// </remarks>
public sealed class GradientShap : PixelMethod
{
    /// <summary>A pixel's colours are added up.</summary>
    public GradientShap() => Pooling = ColourPooling.Sum;

    /// <inheritdoc/>
    public override string Name => "gradient-shap";

    /// <summary>How many samples, n.</summary>
    public int Samples { get; init; } = 50;

    /// <summary>The mean baseline, in the input's units: one value, or one for each channel.</summary>
    public IReadOnlyList<float> Baseline { get; init; } = [0];

    /// <summary>The standard deviation of the baselines, as a share of the picture's range (largest minus least value).</summary>
    public double Noise { get; init; } = 0.1;

    /// <summary>Decides baselines and steps, which are the same for every picture.</summary>
    public long Seed { get; init; }

    /// <inheritdoc/>
    protected override Tensor AttributionsOf(ExplanationPass pass)
    {
        if (Samples < 1 || Noise is not (>= 0 and < double.PositiveInfinity))
        {
            throw new InvalidOperationException(
                FormattableString.Invariant(
                    $"GradientSHAP takes at least one sample with a noise of 0 or more; these are {Samples} and {Noise}."
                )
            );
        }

        Tensor plain = BaselineColour.Of(Baseline, pass.Input),
            deviation = Noise * (pass.Input.amax([1, 2, 3], keepdim: true) - pass.Input.amin([1, 2, 3], keepdim: true));
        long[] shape = [1, .. pass.Input.shape[1..]];
        return pass.MeanInputGradient(
            Samples,
            sample => BaselineOf(sample) + (new RandomStream(Seed, sample, 1).NextDouble() * WayOf(sample)),
            WayOf
        );

        Tensor BaselineOf(int sample) =>
            plain
            + (
                deviation
                * tensor(new RandomStream(Seed, sample).Normal((int)shape.Aggregate((a, b) => a * b)), shape)
                    .to(pass.Input.dtype, pass.Input.device)
            );

        Tensor WayOf(int sample) => pass.Input - BaselineOf(sample);
    }
}

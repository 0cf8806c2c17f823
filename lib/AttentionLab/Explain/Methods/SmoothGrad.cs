using System.Globalization;
using AttentionLab.Core;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// SmoothGrad: gradients averaged over noisy copies of the picture. One forward pass, and a forward and a backward pass for each
/// copy.
/// </summary>
/// <remarks>
/// <para>$L = \max_c |∑ᵢ ∂y(x + εᵢ)/∂x_c / n|$ over the colours c of a pixel, εᵢ normal noise in each of n copies of the
/// picture x.</para>
/// <para><see href="https://arxiv.org/abs/1706.03825">Smilkov et al., "SmoothGrad: removing noise by adding noise",
/// 2017</see>: signed gradients are averaged, and only then pooled over colours.</para>
/// </remarks>
public sealed class SmoothGrad : PixelMethod
{
    /// <inheritdoc/>
    public override string Name => "smooth-grad";

    /// <summary>How many noisy copies.</summary>
    public int Samples { get; init; } = 50;

    /// <summary>The noise's standard deviation, as a share of the picture's range (largest minus least value).</summary>
    public double Noise { get; init; } = 0.15;

    /// <summary>Decides the noise, which is the same for every picture of a batch.</summary>
    public long Seed { get; init; }

    /// <inheritdoc/>
    protected override Tensor AttributionsOf(ExplanationPass pass)
    {
        if (Samples < 1 || Noise is not (>= 0 and < double.PositiveInfinity))
        {
            throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"SmoothGrad averages over at least one sample with a noise of 0 or more; these are {Samples} and {Noise}."
                )
            );
        }

        Tensor deviation = Noise * (pass.Input.amax([1, 2, 3], keepdim: true) - pass.Input.amin([1, 2, 3], keepdim: true));
        long[] shape = [1, .. pass.Input.shape[1..]];
        return pass.MeanInputGradient(
            Samples,
            sample =>
                pass.Input
                + (
                    deviation
                    * tensor(new RandomStream(Seed, sample).Normal((int)shape.Aggregate((a, b) => a * b)), shape)
                        .to(pass.Input.dtype, pass.Input.device)
                )
        );
    }
}

using AttentionLab.Core;

namespace AttentionLab.Explain;

/// <summary>
/// LIME: a linear model of the score, whose inputs say which patches are shown, fitted with more weight on pictures that show more
/// patches; each patch has its coefficient. Signed, in the score's units. A forward pass for each sample.
/// </summary>
/// <remarks>
/// <para>$\min_{b,β} ∑ᵢ πᵢ·(yᵢ − b − β·zᵢ)² + α·|β|²$ over samples z of patches shown (1) or hidden (0), y their scores,
/// $π = \exp(−D²/σ²)$ with D one minus the cosine between z and all ones.</para>
/// <para><see href="https://arxiv.org/abs/1602.04938">Ribeiro, Singh, Guestrin, "“Why should I trust you?”: Explaining the
/// predictions of any classifier", KDD 2016</see>, equations 1 and 2, by ridge regression as the authors' code has it, without a
/// choice of the best few patches.</para>
/// </remarks>
public sealed class Lime : SuperpixelMethod
{
    /// <inheritdoc/>
    public override string Name => "lime";

    /// <summary>The kernel's width, σ: how fast pictures that hide more count less.</summary>
    public double KernelWidth { get; init; } = 0.25;

    /// <summary>The ridge penalty, α, 0 or more.</summary>
    public double Penalty { get; init; } = 1;

    private protected override bool[][] Coalitions(int patches) =>
        [
            .. Enumerable
                .Range(0, Samples)
                .Select(sample =>
                {
                    var random = new RandomStream(Seed, sample);
                    var shown = new bool[patches];
                    for (int i = 0; i < patches; i++)
                    {
                        shown[i] = sample == 0 || random.Chance(0.5); // the picture itself comes first
                    }

                    return shown;
                }),
        ];

    private protected override double[] Fit(bool[][] shown, double[] scores)
    {
        if (KernelWidth is not (> 0 and < double.PositiveInfinity) || Penalty is not (>= 0 and < double.PositiveInfinity))
        {
            throw new InvalidOperationException(
                FormattableString.Invariant(
                    $"LIME's kernel has a positive width and its penalty is 0 or more; these are {KernelWidth} and {Penalty}."
                )
            );
        }

        double[][] x = [.. shown.Select(each => (double[])[1, .. each.Select(isShown => isShown ? 1.0 : 0)])];
        double[] weights = [.. shown.Select(each => Weight((double)each.Count(isShown => isShown) / each.Length))],
            ridge = [0, .. Enumerable.Repeat(Penalty, shown[0].Length)];
        return LeastSquares(x, scores, weights, ridge)[1..];
    }

    /// <summary>π of a picture that shows a share of the patches: the cosine with all ones is the share's root.</summary>
    private double Weight(double share)
    {
        double distance = 1 - Math.Sqrt(share);
        return Math.Exp(-distance * distance / (KernelWidth * KernelWidth));
    }
}

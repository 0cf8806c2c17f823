using AttentionLab.Core;

namespace AttentionLab.Explain;

/// <summary>
/// Kernel SHAP: the Shapley value of each patch of the picture, its mean share in the score over all orders in which patches can
/// be revealed. Signed; the patches' values add up to the score minus that of the hidden picture. Exact where there are no
/// more choices of patches than samples, else estimated. A forward pass for each sample.
/// </summary>
/// <remarks>
/// <para>$\min_φ ∑_z π(z)·(y(z) − y(0) − φ·z)²$ with $∑φ = y(1) − y(0)$ and $π = (n−1) / (C(n,k)·k·(n−k))$ for k of n patches
/// shown.</para>
/// <para><see href="https://arxiv.org/abs/1705.07874">Lundberg, Lee, "A unified approach to interpreting model predictions",
/// NeurIPS 2017</see>, theorem 2. Samples come in pairs, each with its opposite: <see
/// href="https://arxiv.org/abs/2012.01536">Covert, Lee, "Improving KernelSHAP", AISTATS 2021</see>.</para>
/// </remarks>
public sealed class KernelShap : SuperpixelMethod
{
    /// <inheritdoc/>
    public override string Name => "kernel-shap";

    private protected override bool[][] Coalitions(int patches) =>
        [
            new bool[patches],
            [.. Enumerable.Repeat(true, patches)],
            .. IsExact(patches)
                ? Enumerable.Range(1, Math.Max(0, (1 << patches) - 2)).Select(bits => Bits(bits, patches))
                : Enumerable.Range(0, (Samples + 1) / 2).SelectMany(pair => Drawn(pair, patches)),
        ];

    private protected override double[] Fit(bool[][] shown, double[] scores)
    {
        int patches = shown[0].Length;
        double whole = scores[1] - scores[0];
        if (patches == 1)
        {
            return [whole];
        }

        // The last patch has what the others leave: no constraint is left.
        double[][] x = [.. shown.Skip(2).Select(z => z[..^1].Select(each => Number(each) - Number(z[^1])).ToArray())];
        double[] y = [.. shown.Skip(2).Zip(scores.Skip(2), (z, score) => score - scores[0] - (Number(z[^1]) * whole))],
            weights = [.. shown.Skip(2).Select(z => IsExact(patches) ? Kernel(z.Count(each => each), patches) : 1)],
            values = LeastSquares(x, y, weights, new double[patches - 1]);
        return [.. values, whole - values.Sum()];
    }

    private bool IsExact(int patches) => patches < 24 && 1 << patches <= Samples;

    /// <summary>A sample by the kernel, and its opposite.</summary>
    private bool[][] Drawn(int pair, int patches)
    {
        var random = new RandomStream(Seed, pair);
        double[] bySize = [.. Enumerable.Range(1, patches - 1).Select(size => 1.0 / size / (patches - size))];
        double left = random.Uniform(0, bySize.Sum());
        int count = 1;
        while (count < patches - 1 && left >= bySize[count - 1])
        {
            left -= bySize[count - 1];
            count++;
        }

        int[] order = [.. Enumerable.Range(0, patches)];
        random.Shuffle<int>(order);
        var shown = new bool[patches];
        foreach (int patch in order.Take(count))
        {
            shown[patch] = true;
        }

        return [shown, [.. shown.Select(each => !each)]];
    }

    private static bool[] Bits(int bits, int count) => [.. Enumerable.Range(0, count).Select(i => (bits >> i & 1) != 0)];

    private static double Kernel(int shown, int patches)
    {
        double choices = 1;
        for (int i = 1; i <= shown; i++)
        {
            choices = choices * (patches - shown + i) / i;
        }

        return (patches - 1) / (choices * shown * (patches - shown));
    }

    private static double Number(bool isShown) => isShown ? 1 : 0;
}

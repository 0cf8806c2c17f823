using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>
/// The Gini index of the map's absolute values: 0 when all are equal, nearly 1 when one pixel holds the whole sum. It does not
/// judge whether the pixels are the right ones. 0 for a map of zeros.
/// </summary>
/// <remarks>
/// <para>$∑ᵢ (2·i − n − 1)·|L|₍ᵢ₎ / (n·∑ᵢ |L|₍ᵢ₎)$ over the n values in rising order.</para>
/// <para><see href="https://arxiv.org/abs/1810.06583">Chalasani et al., "Concise explanations of neural networks using adversarial
/// training", ICML 2020</see>.</para>
/// </remarks>
public sealed class Sparseness : EvaluationMeasure
{
    /// <inheritdoc/>
    public override string Name => "sparseness";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    protected override double[] ScoresOf(EvaluationTrial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return [.. Enumerable.Range(0, trial.Pictures).Select(picture => Gini(trial.MapOf(picture)))];
    }

    private static double Gini(Heatmap map)
    {
        double[] values = [.. map.Values.ToArray().Select(value => Math.Abs((double)value)).Order()];
        double sum = values.Sum(),
            weighted = values.Select((value, i) => ((2.0 * (i + 1)) - values.Length - 1) * value).Sum();
        return sum == 0 ? 0 : weighted / (values.Length * sum);
    }
}

using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>
/// The entropy, in nats, of the map's absolute values as shares of their sum. 0 when one pixel holds the whole sum, the logarithm
/// of the number of pixels when all values are equal, and also when all are zero.
/// </summary>
/// <remarks>
/// <para>$−∑ᵢ pᵢ·\ln pᵢ$ with $pᵢ = |Lᵢ| / ∑ⱼ |Lⱼ|$.</para>
/// <para><see href="https://arxiv.org/abs/2005.00631">Bhatt, Weller, Moura, "Evaluating and aggregating feature-based model
/// explanations", IJCAI 2020</see>, definition 3.</para>
/// </remarks>
public sealed class Complexity : EvaluationMeasure
{
    /// <inheritdoc/>
    public override string Name => "complexity";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    protected override double[] ScoresOf(EvaluationTrial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return [.. Enumerable.Range(0, trial.Pictures).Select(picture => Entropy(trial.MapOf(picture)))];
    }

    private static double Entropy(Heatmap map)
    {
        double[] values = [.. map.Values.ToArray().Select(value => Math.Abs((double)value))];
        double sum = values.Sum();
        return sum == 0
            ? Math.Log(values.Length)
            : Math.Max(0, -values.Where(value => value > 0).Sum(value => value / sum * Math.Log(value / sum)));
    }
}

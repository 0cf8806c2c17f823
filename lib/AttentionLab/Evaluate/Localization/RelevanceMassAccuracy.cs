using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>
/// The share of the map's relevance, positive or negative, that lies on the object, a pixel that the object covers by half
/// counting by half. A map that is zero everywhere scores chance: the object's share of the picture.
/// </summary>
/// <remarks>
/// <para>$∑ |Lᵢ|·mᵢ / ∑ |Lᵢ|$ over the pixels i of the map L, m the share of the pixel that the object covers. For maps without
/// negative values it is <see cref="EnergyPointingGame"/>.</para>
/// <para><see href="https://arxiv.org/abs/2003.07258">Arras, Osman, Samek, "CLEVR-XAI: A benchmark dataset for the ground truth
/// evaluation of neural network explanations", Information Fusion 2022</see>, equation 4, where relevance is pooled to one sign.</para>
/// </remarks>
public sealed class RelevanceMassAccuracy : LocalizationMeasure
{
    /// <inheritdoc/>
    public override string Name => "relevance-mass-accuracy";

    /// <inheritdoc/>
    protected override double ScoreOf(Heatmap map, ReadOnlySpan<byte> mask)
    {
        ArgumentNullException.ThrowIfNull(map);
        double within = 0,
            sum = 0,
            covered = 0;
        for (int i = 0; i < map.Length; i++)
        {
            double size = Math.Abs((double)map.Values[i]);
            within += size * mask[i] / byte.MaxValue;
            sum += size;
            covered += mask[i] / (double)byte.MaxValue;
        }

        return sum == 0 ? covered / map.Length : within / sum;
    }
}

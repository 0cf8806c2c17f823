using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>
/// The share of the map's K largest values that lies on the object, K the number of the object's pixels. Where the K-th value
/// occurs more than once, the expected share of a random choice among the equal values.
/// </summary>
/// <remarks>
/// <para>$|P_K ∩ M| / K$: M the object's K pixels, P the K pixels of the map's largest values.</para>
/// <para><see href="https://arxiv.org/abs/2003.07258">Arras, Osman, Samek, "CLEVR-XAI: A benchmark dataset for the ground truth
/// evaluation of neural network explanations", Information Fusion 2022</see>, equation 5.</para>
/// </remarks>
public sealed class RelevanceRankAccuracy : LocalizationMeasure
{
    /// <inheritdoc/>
    public override string Name => "relevance-rank-accuracy";

    /// <inheritdoc/>
    protected override double ScoreOf(Heatmap map, ReadOnlySpan<byte> mask)
    {
        ArgumentNullException.ThrowIfNull(map);
        var isObject = new bool[mask.Length];
        for (int i = 0; i < mask.Length; i++)
        {
            isObject[i] = IsObject(mask[i]);
        }

        int count = isObject.Count(each => each);
        float[] values = map.Values.ToArray();
        float last = values.OrderDescending().ElementAt(Math.Max(0, count - 1));
        int above = values.Count(value => value > last),
            equal = values.Count(value => value == last);
        double hits = values.Zip(isObject).Count(pixel => pixel.Second && pixel.First > last),
            atBorder = values.Zip(isObject).Count(pixel => pixel.Second && pixel.First == last);
        return count == 0 ? double.NaN : (hits + (atBorder * (count - above) / equal)) / count;
    }
}

namespace AttentionLab.Host.Inputs;

/// <summary>What a network says about some pictures.</summary>
/// <param name="Logits">What it puts out, N×K, finite.</param>
internal sealed record Classification(float[,] Logits)
{
    /// <summary>Each picture's class with the highest logit.</summary>
    public int[] Predictions { get; } =
    [.. Enumerable.Range(0, Logits.GetLength(0)).Select(n => Enumerable.Range(0, Logits.GetLength(1)).MaxBy(k => Logits[n, k]))];

    /// <summary>The softmax of a picture's logits at a class.</summary>
    public double Probability(int picture, int label)
    {
        double largest = Logits[picture, Predictions[picture]];
        return Math.Exp(Logits[picture, label] - largest)
            / Enumerable.Range(0, Logits.GetLength(1)).Sum(k => Math.Exp(Logits[picture, k] - largest));
    }

    /// <summary>A picture's most probable classes, the first one first; all when there are fewer.</summary>
    public IReadOnlyList<(int Class, double Probability)> Top(int picture, int count) =>
        [
            .. Enumerable
                .Range(0, Logits.GetLength(1))
                .OrderByDescending(k => Logits[picture, k])
                .Take(count)
                .Select(k => (k, Probability(picture, k))),
        ];
}

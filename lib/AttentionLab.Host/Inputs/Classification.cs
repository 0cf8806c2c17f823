using AttentionLab.Explain;

namespace AttentionLab.Host.Inputs;

/// <summary>What a network says about some pictures.</summary>
/// <param name="Logits">What it puts out, N×K, finite: a logit for each class, or one for two classes (K = 1).</param>
internal sealed record Classification(float[,] Logits)
{
    private readonly double[][] _probabilities =
    [
        .. Enumerable
            .Range(0, Logits.GetLength(0))
            .Select(n =>
                ModelOutput.ProbabilitiesOf(
                    KindOf(Logits.GetLength(1)),
                    [.. Enumerable.Range(0, Logits.GetLength(1)).Select(k => Logits[n, k])]
                )
            ),
    ];

    /// <summary>Each picture's most probable class.</summary>
    public int[] Predictions => [.. _probabilities.Select(picture => Array.IndexOf(picture, picture.Max()))];

    /// <summary>What an output of K logits means.</summary>
    public static OutputKind KindOf(int outputs) => outputs == 1 ? OutputKind.BinaryLogit : OutputKind.Logits;

    /// <summary>The probability of a class.</summary>
    public double Probability(int picture, int label) => _probabilities[picture][label];

    /// <summary>A picture's most probable classes, the first one first; all when there are fewer.</summary>
    public IReadOnlyList<(int Class, double Probability)> Top(int picture, int count) =>
        [
            .. _probabilities[picture]
                .Select((probability, label) => (label, probability))
                .OrderByDescending(each => each.probability)
                .Take(count),
        ];
}

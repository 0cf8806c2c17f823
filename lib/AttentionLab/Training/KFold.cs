using AttentionLab.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>Judges each photograph by what learned from the others: k-fold, each class in equal shares.</summary>
internal static class KFold
{
    /// <summary>Learns and judges for each fold.</summary>
    /// <param name="labels">Each photograph's class.</param>
    /// <param name="classNames">The classes.</param>
    /// <param name="folds">At least two.</param>
    /// <param name="seed">Decides which photograph is in which fold.</param>
    /// <param name="judge">From the rows to learn from and those to judge to the latter's probabilities, rows × classes,
    /// float64, in the current dispose scope.</param>
    public static Evaluation Judge(
        int[] labels,
        IReadOnlyList<string> classNames,
        int folds,
        long seed,
        Func<long[], long[], Tensor> judge
    )
    {
        int[] foldOf = FoldsOf(labels, folds, seed);
        var probabilities = new float[labels.Length, classNames.Count];
        for (int fold = 0; fold < folds; fold++)
        {
            using DisposeScope scope = NewDisposeScope();
            long[] inside = [.. Rows(foldOf, each => each == fold)],
                outside = [.. Rows(foldOf, each => each != fold)];
            double[] shares = judge(outside, inside).contiguous().data<double>().ToArray();
            for (int i = 0; i < shares.Length; i++)
            {
                probabilities[inside[i / classNames.Count], i % classNames.Count] = (float)shares[i];
            }
        }

        int[] rows = [.. Enumerable.Range(0, labels.Length)];
        int[] predictions = [.. rows.Select(row => Enumerable.Range(0, classNames.Count).MaxBy(k => probabilities[row, k]))];
        return new Evaluation(
            rows.Average(row => -Math.Log(Math.Max(probabilities[row, labels[row]], float.Epsilon))),
            rows.Average(row => predictions[row] == labels[row] ? 1.0 : 0),
            predictions
        )
        {
            Labels = labels,
            ClassNames = classNames,
            Probabilities = probabilities,
        };
    }

    private static IEnumerable<long> Rows(int[] foldOf, Func<int, bool> of) =>
        foldOf.Index().Where(each => of(each.Item)).Select(each => (long)each.Index);

    private static int[] FoldsOf(int[] labels, int folds, long seed)
    {
        var foldOf = new int[labels.Length];
        foreach (IGrouping<int, (int Index, int Item)> group in labels.Index().GroupBy(each => each.Item))
        {
            int[] rows = [.. group.Select(each => each.Index)];
            var random = new RandomStream(seed, group.Key);
            random.Shuffle(rows.AsSpan());
            for (int i = 0; i < rows.Length; i++)
            {
                foldOf[rows[i]] = i % folds;
            }
        }

        return foldOf;
    }
}

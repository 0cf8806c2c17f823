using AttentionLab.Core;
using AttentionLab.Explain;

namespace AttentionLab.Evaluate;

/// <summary>
/// The random logit test: the similarity of the map to that of another class, chosen at random. Near 0 when the map depends on the
/// class, 1 when it does not. It runs the method once more.
/// </summary>
/// <remarks>
/// <para>$|ρ|$, Spearman's rank correlation of the maps of the class explained and of a random other class.</para>
/// <para><see href="https://arxiv.org/abs/1912.09818">Sixt, Granz, Landgraf, "When explanations lie: Why many modified BP
/// attributions fail", ICML 2020</see>, section 5, which compares by SSIM. NaN for a network with one class.</para>
/// </remarks>
public sealed class RandomLogit : EvaluationMeasure
{
    /// <inheritdoc/>
    public override string Name => "random-logit";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override bool JudgesMaps => false;

    /// <summary>Decides the other classes.</summary>
    public long Seed { get; init; }

    /// <inheritdoc/>
    protected override double[] ScoresOf(EvaluationTrial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        int classes = Models.ModelOutput.ClassesOf(trial.Explanation.Output, trial.Explanation.Logits.GetLength(1));
        if (classes < 2)
        {
            return [.. trial.Explanation.Classes.Select(_ => double.NaN)];
        }

        int[] others = [.. trial.Explanation.Classes.Select((explained, picture) => OtherThan(explained, picture, classes))];
        Explanation changed = trial.Method.Explain(
            trial.Model,
            trial.Input,
            trial.Options with
            {
                Output = trial.Explanation.Output,
                Layers = [trial.Explanation.Layer],
                Target = Target.Classes(others),
                Progress = trial.Progress,
            }
        )[0];
        return [.. trial.Explanation.Maps.Zip(changed.Maps, Similarity)];
    }

    private int OtherThan(int explained, int picture, int classes)
    {
        int drawn = new RandomStream(Seed, picture).Next(explained < 0 ? classes : classes - 1);
        return explained >= 0 && drawn >= explained ? drawn + 1 : drawn;
    }

    private static double Similarity(Heatmap map, Heatmap other) =>
        map.Values.SequenceEqual(other.Values) ? 1
        : !map.IsConstant && other.IsConstant ? 0
        : Math.Abs(map.RankCorrelation(other));
}

using AttentionLab.Core;
using AttentionLab.Explain;

namespace AttentionLab.Evaluate;

/// <summary>
/// The sanity check of saliency maps: does the map follow what the model has learned? The weights of a copy would do; here those
/// of the model itself become random, layer by layer from the logits down, and are put back to the bit afterwards, whatever
/// happens.
/// </summary>
/// <remarks>
/// <para>$|ρ|$, Spearman's rank correlation of the map before and after the last step of the cascade, where nothing learned
/// is left.</para>
/// <para><see href="https://arxiv.org/abs/1810.03292">Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018</see>,
/// section 4.1, cascading randomisation. The score is near 0 for a map that shows what the model learned, near 1 for one that
/// shows the picture whatever the model knows. It costs the method once more; the cascade, once for each layer with
/// weights.</para>
/// </remarks>
public sealed class ModelRandomization : EvaluationMeasure
{
    /// <inheritdoc/>
    public override string Name => "model-randomization";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override bool JudgesMaps => false;

    /// <summary>Decides the random weights.</summary>
    public long Seed { get; init; }

    /// <summary>How alike the maps stay, step by step. No one else may use the model meanwhile.</summary>
    /// <exception cref="InvalidOperationException">The model has no weights.</exception>
    /// <exception cref="OperationCanceledException">The caller has cancelled.</exception>
    public IReadOnlyList<RandomizationStep> CascadeOf(EvaluationTrial trial) => Randomize(trial, everyStep: true);

    /// <inheritdoc/>
    protected override double[] ScoresOf(EvaluationTrial trial) =>
        [.. Randomize(trial, everyStep: false)[^1].Similarities.Select(Math.Abs)];

    private List<RandomizationStep> Randomize(EvaluationTrial trial, bool everyStep)
    {
        ArgumentNullException.ThrowIfNull(trial);
        using var weights = new RandomizedWeights(trial.Model, trial.Input, Seed);
        var steps = new List<RandomizationStep>();
        for (int i = 0; i < weights.Layers.Count; i++)
        {
            weights.Randomize(weights.Layers[i]);
            if (everyStep || i == weights.Layers.Count - 1)
            {
                Explanation changed = trial.ExplainAgain(
                    trial.Input,
                    everyStep ? trial.Progress.Part(i, weights.Layers.Count) : trial.Progress
                );
                steps.Add(
                    new RandomizationStep(
                        weights.Layers[i],
                        [
                            .. Enumerable
                                .Range(0, trial.Pictures)
                                .Select(picture => Similarity(trial.Explanation[picture], changed[picture])),
                        ]
                    )
                );
            }
        }

        return steps;
    }

    private static double Similarity(Heatmap before, Heatmap now) =>
        !before.IsConstant && now.IsConstant ? 0 : before.RankCorrelation(now);
}

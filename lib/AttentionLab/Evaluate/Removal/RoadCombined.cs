namespace AttentionLab.Evaluate;

/// <summary>
/// Both orders of <see cref="Road"/> in one number: half the difference of the mean confidence without the least relevant pixels
/// and without the most relevant ones. 0 for a random map, higher for a map that ranks pixels by their importance. It costs both
/// measures.
/// </summary>
/// <remarks>
/// <para>$(c_{LeRF} − c_{MoRF}) / 2$, c the mean confidence over the percentiles.</para>
/// <para>pytorch-grad-cam's ROADCombined, of the measure of <see href="https://arxiv.org/abs/2202.00449">Rong et al., ICML
/// 2022</see>.</para>
/// </remarks>
public sealed class RoadCombined : EvaluationMeasure
{
    /// <inheritdoc/>
    public override string Name => "road-combined";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc cref="Road.Percentiles"/>
    public IReadOnlyList<double> Percentiles { get; init; } = new RoadMostRelevantFirst().Percentiles;

    /// <inheritdoc cref="Road.Noise"/>
    public double Noise { get; init; } = 0.01;

    /// <inheritdoc cref="RemovalMeasure.Seed"/>
    public long Seed { get; init; }

    /// <inheritdoc/>
    protected override double[] ScoresOf(EvaluationTrial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        double[] most = new RoadMostRelevantFirst
            {
                Percentiles = Percentiles,
                Noise = Noise,
                Seed = Seed,
            }.Score(trial.With(trial.Progress.Part(0, 2))),
            least = new RoadLeastRelevantFirst
            {
                Percentiles = Percentiles,
                Noise = Noise,
                Seed = Seed,
            }.Score(trial.With(trial.Progress.Part(1, 2)));
        return [.. least.Zip(most, (lerf, morf) => (lerf - morf) / 2)];
    }
}

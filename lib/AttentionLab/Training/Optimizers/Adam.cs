namespace AttentionLab.Training;

/// <summary>Adam, as PyTorch has it, without weight decay.</summary>
/// <remarks>
/// <para>With gradient g: $m ← β₁·m + (1 − β₁)·g$, $v ← β₂·v + (1 − β₂)·g²$, and the weight moves by
/// $−η·\hat m / (\sqrt{\hat v} + ε)$, where $\hat m = m / (1 − β₁ᵗ)$, $\hat v = v / (1 − β₂ᵗ)$, η is the learning rate and t
/// the step from 1.</para>
/// <para><see href="https://arxiv.org/abs/1412.6980">Kingma, Ba, "Adam: A method for stochastic optimization", ICLR
/// 2015</see>, algorithm 1, with ε added to the root as in PyTorch.</para>
/// </remarks>
public record Adam : Optimizer
{
    /// <summary>How much of the running mean of gradients each step keeps, in [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>How much of the running mean of squared gradients each step keeps, in [0, 1).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the second mean, positive.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>λ of the decoupled weight decay; Adam itself has none.</summary>
    internal virtual double DecoupledDecay => 0;

    internal override RunningOptimizer Start(IReadOnlyList<Weight> weights, double learningRate, int batchSize = 1) =>
        new RunningAdam(this, weights, [.. weights.Select(w => Decays(w) ? DecoupledDecay : 0)], learningRate);

    internal override void Check()
    {
        CheckShare(Beta1, nameof(Beta1));
        CheckShare(Beta2, nameof(Beta2));
        OptionRange.Check(Epsilon > 0 && double.IsFinite(Epsilon), Epsilon, nameof(Epsilon), "is a positive number");
        CheckNotNegative(DecoupledDecay, nameof(AdamW.WeightDecay));
    }
}

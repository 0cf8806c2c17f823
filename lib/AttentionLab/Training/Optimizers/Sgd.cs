namespace AttentionLab.Training;

/// <summary>
/// Stochastic gradient descent with momentum, Nesterov's by default, as PyTorch's SGD with dampening 0. Biases and the scales
/// of normalisation layers do not decay.
/// </summary>
/// <remarks>
/// <para>With gradient g, momentum μ and learning rate η: $v ← μ·v + g$, and the weight moves by $−η·(g + μ·v)$ with
/// Nesterov's momentum, else by $−η·v$.</para>
/// <para><see href="https://proceedings.mlr.press/v28/sutskever13.html">Sutskever et al., "On the importance of
/// initialization and momentum in deep learning", ICML 2013</see>.</para>
/// </remarks>
public sealed record Sgd : Optimizer
{
    /// <summary>μ, in [0, 1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Whether the gradient is taken as if the momentum had been followed already.</summary>
    public bool Nesterov { get; init; } = true;

    /// <summary>λ, at least 0.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>
    /// Whether a step multiplies the weights by 1 − rate · λ first (Loshchilov and Hutter's SGDW). Otherwise λ times the weight
    /// is added to the gradient, as PyTorch's SGD does.
    /// </summary>
    public bool Decoupled { get; init; }

    internal override RunningOptimizer Start(IReadOnlyList<Weight> weights, double learningRate, int batchSize = 1) =>
        new RunningSgd(this, weights, [.. weights.Select(w => Decays(w) ? WeightDecay : 0)], learningRate);

    internal override void Check()
    {
        CheckShare(Momentum, nameof(Momentum));
        CheckNotNegative(WeightDecay, nameof(WeightDecay));
    }
}

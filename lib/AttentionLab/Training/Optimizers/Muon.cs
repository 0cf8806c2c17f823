namespace AttentionLab.Training;

/// <summary>
/// Muon: convolutions move by their momentum with all its directions made equally long; linear layers and biases move by
/// gradient descent with Nesterov's momentum at rates of their own. <see cref="TrainingOptions.LearningRate"/> is that of the
/// convolutions; the other two follow the schedule in proportion. They are rates of the sum over a batch, so that an epoch moves
/// linear layers and biases as far with any <see cref="TrainingOptions.BatchSize"/>.
/// </summary>
/// <remarks>
/// <para>With gradient G of a convolution, seen as a matrix of a row for each output: $M ← μ·M + G$ and
/// $W ← W·\sqrt{\text{rows}} / ∥W∥ − η·O$, where O is $G + μ·M$ made nearly orthogonal by Newton–Schulz steps
/// $X ← a·X + (b·A + c·A²)·X$, $A = X·Xᵀ$, a = 3.4445, b = −4.775, c = 2.0315.</para>
/// <para><see href="https://kellerjordan.github.io/posts/muon/">Jordan et al., "Muon: An optimizer for hidden layers in neural
/// networks", 2024</see>, as in Jordan's airbench94_muon.</para>
/// </remarks>
public sealed record Muon : Optimizer
{
    /// <summary>μ of convolutions, in [0, 1).</summary>
    public double Momentum { get; init; } = 0.6;

    /// <summary>Newton–Schulz steps, at least 1: three suffice for small networks.</summary>
    public int Orthogonalization { get; init; } = 3;

    /// <summary>The rate of linear layers for each picture of a batch, at the schedule's highest point, positive.</summary>
    public double LinearRate { get; init; } = 1e-5;

    /// <summary>
    /// The rate of biases and normalisation layers for each picture of a batch, at the schedule's highest point, positive.
    /// </summary>
    public double BiasRate { get; init; } = 0.053;

    /// <summary>μ of linear layers and biases, in [0, 1).</summary>
    public double OtherMomentum { get; init; } = 0.85;

    /// <summary>
    /// What each picture of a batch takes from linear layers and biases at the schedule's highest point, as a part of them, at
    /// least 0; convolutions keep their length anyhow.
    /// </summary>
    public double Decay { get; init; } = 2e-6;

    internal override RunningOptimizer Start(IReadOnlyList<Weight> weights, double learningRate, int batchSize = 1) =>
        new RunningMuon(this, weights, learningRate, batchSize);

    internal override void Check()
    {
        CheckShare(Momentum, nameof(Momentum));
        CheckShare(OtherMomentum, nameof(OtherMomentum));
        CheckNotNegative(Decay, nameof(Decay));
        OptionRange.Check(Orthogonalization >= 1, Orthogonalization, nameof(Orthogonalization), "is at least 1");
        OptionRange.Check(LinearRate > 0 && double.IsFinite(LinearRate), LinearRate, nameof(LinearRate), "is a positive number");
        OptionRange.Check(BiasRate > 0 && double.IsFinite(BiasRate), BiasRate, nameof(BiasRate), "is a positive number");
    }
}

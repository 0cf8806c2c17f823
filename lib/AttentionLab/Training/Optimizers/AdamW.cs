namespace AttentionLab.Training;

/// <summary>
/// Adam with decoupled weight decay: each step multiplies the weights by 1 − learning rate · λ first, as PyTorch's AdamW does.
/// Biases and the scales of normalisation layers do not decay.
/// </summary>
/// <remarks>Loshchilov, Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, algorithm 2.</remarks>
public sealed record AdamW : Adam
{
    /// <summary>λ, at least 0.</summary>
    public double WeightDecay { get; init; } = 0.01;

    internal override double DecoupledDecay => WeightDecay;
}

namespace AttentionLab.Training;

/// <summary>
/// Adam with decoupled weight decay: each step multiplies the weights by 1 − learning rate · λ first, as PyTorch's AdamW does.
/// Biases and the scales of normalisation layers do not decay.
/// </summary>
/// <remarks>
/// <para>$w ← (1 − η·λ)·w$ before the step of <see cref="Adam"/>, η the learning rate.</para>
/// <para><see href="https://arxiv.org/abs/1711.05101">Loshchilov, Hutter, "Decoupled weight decay regularization", ICLR
/// 2019</see>, algorithm 2.</para>
/// </remarks>
public sealed record AdamW : Adam
{
    /// <summary>λ, at least 0.</summary>
    public double WeightDecay { get; init; } = 0.01;

    internal override double DecoupledDecay => WeightDecay;
}

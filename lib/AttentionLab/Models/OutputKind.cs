namespace AttentionLab.Models;

/// <summary>
/// What a classifier's output means. It decides which class is predicted, what is explained of a class, and how sure the model is
/// of it.
/// </summary>
/// <remarks>
/// Stated in an explanation's options or a <see cref="TrainedNetwork"/>, or derived: <see cref="ModelOutput.KindOf"/> has the
/// rule. y is the model's output for a picture, N×K for a batch; σ is the logistic function.
/// </remarks>
public enum OutputKind
{
    /// <summary>
    /// A score for each of K ≥ 2 classes, of which one is right; also log-probabilities. Class k's score is yₖ, its probability
    /// the softmax.
    /// </summary>
    Logits,

    /// <summary>
    /// K ≥ 2 probabilities that add up to 1, as after a softmax. Class k's score is its log-odds, ln pₖ − ln Σ pⱼ over the
    /// others, for a probability near 1 has no gradient left; its probability is yₖ.
    /// </summary>
    Probabilities,

    /// <summary>
    /// One number y: class 1 (positive) is predicted when it is above 0, else class 0 (negative). Their scores are y and −y,
    /// their probabilities σ(y) and σ(−y).
    /// </summary>
    BinaryLogit,

    /// <summary>
    /// One number p in [0, 1], as after a sigmoid: the probability of class 1. The scores are ±(ln p − ln(1 − p)), the
    /// probabilities p and 1 − p.
    /// </summary>
    BinaryProbability,

    /// <summary>
    /// A score for each of K ≥ 2 labels, any number of which may be right. Label k's score is yₖ, its probability σ(yₖ).
    /// </summary>
    MultiLabelLogits,

    /// <summary>
    /// K ≥ 2 probabilities of independent labels, as after a sigmoid. Label k's score is ln pₖ − ln(1 − pₖ), its probability yₖ.
    /// </summary>
    MultiLabelProbabilities,
}

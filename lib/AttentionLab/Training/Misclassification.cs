namespace AttentionLab.Training;

/// <summary>A picture that a network named wrong.</summary>
/// <param name="Picture">Its index in the split.</param>
/// <param name="TrueClass">What it shows.</param>
/// <param name="PredictedClass">What the network took it for.</param>
/// <param name="Confidence">The softmax probability of the predicted class, in [0, 1].</param>
public sealed record Misclassification(int Picture, int TrueClass, int PredictedClass, float Confidence);

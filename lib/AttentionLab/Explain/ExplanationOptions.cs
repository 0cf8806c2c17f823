namespace AttentionLab.Explain;

/// <summary>What to explain, and where to look. The defaults explain the predicted class at the last convolution.</summary>
public sealed record ExplanationOptions
{
    /// <summary>What is explained of each picture.</summary>
    public Target Target { get; init; } = Target.Predicted;

    /// <summary>
    /// Paths or patterns of layers, as <see cref="ActivationExtractor"/> takes them; one result for each. None: the last convolution that
    /// the pass uses and that has more than one place, or the last such layer of any kind where the model has no convolution.
    /// </summary>
    public IReadOnlyList<string> Layers { get; init; } = [];
}

namespace AttentionLab.Explain;

/// <summary>What to explain, where to look and how to run. The defaults explain the predicted class at the last convolution.</summary>
public sealed record ExplanationOptions
{
    /// <summary>What is explained of each picture.</summary>
    public Target Target { get; init; } = Target.Predicted;

    /// <summary>
    /// Paths or patterns of layers, as <see cref="ActivationExtractor"/> takes them; one result for each. None: the last convolution that
    /// the pass uses and that has more than one place, or the last such layer of any kind where the model has no convolution. Methods that
    /// explain pixels do not ask.
    /// </summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>Averages over flipped and enlarged versions of each picture; null for none.</summary>
    public TestTimeSmoothing? Smoothing { get; init; }

    /// <summary>At most so many changed versions of a picture go through the model at once: it bounds the memory, and changes the result by rounding only.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Told after every forward pass how much is done, from 0 to 1.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Stops between two forward passes with <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancellation { get; init; }
}

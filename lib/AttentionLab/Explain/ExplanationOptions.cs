using AttentionLab.Models;

namespace AttentionLab.Explain;

/// <summary>
/// What to explain, where to look and how to run. The defaults explain the predicted class at the last spatial layer.
/// </summary>
public sealed record ExplanationOptions
{
    /// <summary>What is explained of each picture.</summary>
    public Target Target { get; init; } = Target.Predicted;

    /// <summary>
    /// What the model's output means; null to derive it by <see cref="ModelOutput.KindOf"/>. The result says which it is.
    /// </summary>
    public OutputKind? Output { get; init; }

    /// <summary>
    /// Paths or patterns of layers, as <see cref="ActivationExtractor"/> takes them; one result for each. None: the last spatial
    /// tensor that all paths from input to output pass, before it is only pooled, so after normalisation, ReLU and attention; the
    /// result says which layer that is. Methods that explain pixels do not ask.
    /// </summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>
    /// Where the layers named output height and width: channels first, channels last, or tokens; null to find it by
    /// <see cref="SpatialLayout"/>'s rule. The result says which it is.
    /// </summary>
    public SpatialLayout? Layout { get; init; }

    /// <summary>Averages over flipped and enlarged versions of each picture; null for none.</summary>
    public TestTimeSmoothing? Smoothing { get; init; }

    /// <summary>
    /// At most so many changed versions of a picture go through the model at once, and fewer of large ones (a million pixels,
    /// 20 of 224×224): it bounds the memory, and changes the result by rounding only.
    /// </summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Told after every forward pass how much is done, from 0 to 1.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Stops between two forward passes with <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancellation { get; init; }
}

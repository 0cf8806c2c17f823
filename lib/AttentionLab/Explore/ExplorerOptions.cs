using AttentionLab.Explain;

namespace AttentionLab.Explore;

/// <summary>What an <see cref="Explorer"/> computes beforehand: a cell's figure has no network to ask later.</summary>
public sealed record ExplorerOptions
{
    /// <summary>The methods' names, as <see cref="ExplanationMethods.Get"/> takes them.</summary>
    public IReadOnlyList<string> Methods { get; init; } = ["grad-cam", "layer-cam", "eigen-cam", "gradients"];

    /// <summary>
    /// Paths or patterns of layers, as <see cref="ActivationExtractor"/> takes them. None: the last layer of each resolution, at
    /// most four, up to the one that methods choose by themselves.
    /// </summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>How many classes of each picture can be asked for: the most probable ones, and among them its true
    /// class.</summary>
    public int Classes { get; init; } = 3;

    /// <summary>How many channels of each layer are shown, those with the highest means; 0 for none.</summary>
    public int Channels { get; init; } = 12;

    /// <summary>Stops the computation between two forward passes.</summary>
    public CancellationToken Cancellation { get; init; }

    internal void Check()
    {
        if (Methods.Count == 0)
        {
            throw new ArgumentException("Name at least one method, such as grad-cam.", nameof(Methods));
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Classes);
        ArgumentOutOfRangeException.ThrowIfNegative(Channels);
    }
}

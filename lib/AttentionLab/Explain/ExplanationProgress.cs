using System.Runtime.CompilerServices;

namespace AttentionLab.Explain;

/// <summary>How far an explanation is, from 0 to 1, told in parts of parts; and the place where it is cancelled.</summary>
internal sealed record ExplanationProgress(
    IProgress<double>? Sink,
    CancellationToken Cancellation,
    double From = 0,
    double Width = 1
) : IProgress<double>
{
    // Shared by all parts: the ends of two adjacent parts round differently, and reported progress never falls.
    private readonly StrongBox<double> _told = new();

    /// <summary>One of several equal parts of this one.</summary>
    public ExplanationProgress Part(int index, int count) =>
        this with
        {
            From = From + (Width * index / count),
            Width = Width / count,
        };

    /// <summary>Called after a forward pass.</summary>
    /// <exception cref="OperationCanceledException">The caller has cancelled.</exception>
    public void Report(double fraction)
    {
        Cancellation.ThrowIfCancellationRequested();
        _told.Value = Math.Max(_told.Value, From + (Width * fraction));
        Sink?.Report(_told.Value);
    }
}

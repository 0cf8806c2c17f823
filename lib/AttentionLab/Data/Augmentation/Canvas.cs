using AttentionLab.Imaging;

namespace AttentionLab.Data;

/// <summary>
/// The picture that an augmentation works on, with room to work in and, for lessons, a record of what was done.
/// </summary>
public readonly ref struct Canvas
{
    private readonly List<AugmentationStep>? _steps;

    internal Canvas(int height, int width, Span<byte> planes, Span<byte> spare, List<AugmentationStep>? steps = null)
    {
        Height = height;
        Width = width;
        Planes = planes;
        Spare = spare;
        _steps = steps;
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>The picture, 3×H×W: what a transform changes.</summary>
    public Span<byte> Planes { get; }

    /// <summary>As many bytes again, of any content, for a transform that cannot work in place.</summary>
    public Span<byte> Spare { get; }

    /// <summary>Whether someone asked for the steps; ask before <see cref="Record"/>, so that training builds no texts.</summary>
    public bool IsRecording => _steps is not null;

    /// <summary>Copies the picture into <see cref="Spare"/>, to be read from while <see cref="Planes"/> is written.</summary>
    public ReadOnlySpan<byte> CopyToSpare()
    {
        Planes.CopyTo(Spare);
        return Spare;
    }

    /// <summary>Keeps the picture as it is now, and what was just done to it with the drawn parameters.</summary>
    public void Record(FormattableString description) =>
        _steps?.Add(new AugmentationStep(FormattableString.Invariant(description), Image.FromPlanes(Height, Width, Planes)));
}

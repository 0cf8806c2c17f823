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

    /// <summary>Which picture of its split this is.</summary>
    public int Index { get; internal init; }

    /// <summary>Which pass over the split this is, counted from 0 or 1.</summary>
    public int Epoch { get; internal init; }

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

    /// <summary>Paints a rectangle; what lies outside the picture is cut off.</summary>
    internal void Paint(int top, int left, int height, int width, (byte Red, byte Green, byte Blue) color)
    {
        int area = Height * Width,
            start = Math.Max(0, left),
            length = Math.Max(0, Math.Min(Width, left + width) - start);
        for (int row = Math.Max(0, top); row < Math.Min(Height, top + height); row++)
        {
            int first = (row * Width) + start;
            Planes.Slice(first, length).Fill(color.Red);
            Planes.Slice(area + first, length).Fill(color.Green);
            Planes.Slice((2 * area) + first, length).Fill(color.Blue);
        }
    }

    /// <summary>Keeps the picture as it is now, and what was just done to it with the drawn parameters.</summary>
    public void Record(FormattableString description) =>
        _steps?.Add(new AugmentationStep(FormattableString.Invariant(description), Image.FromPlanes(Height, Width, Planes)));
}

namespace AttentionLab.Imaging;

/// <summary>How a picture file becomes what a network sees. The defaults suit the tutorial's networks.</summary>
public sealed record ImageOptions
{
    /// <summary>Rows of what the network sees.</summary>
    public int Height { get; init; } = 32;

    /// <summary>Columns of what the network sees.</summary>
    public int Width { get; init; } = 32;

    /// <summary>Sets both sides.</summary>
    public int Side
    {
        init => (Height, Width) = (value, value);
    }

    /// <summary>What happens to a picture of another ratio.</summary>
    public ImageFit Fit { get; init; }

    /// <summary>What lies under transparent pixels, and in a letterbox's bars; white unless set.</summary>
    public (byte Red, byte Green, byte Blue) Background { get; init; } = (255, 255, 255);

    /// <summary>
    /// Pixels that a file may declare; more is refused before they are allocated, at 4 bytes each. JPEG and WebP are decoded
    /// smaller where that suffices, and then take less.
    /// </summary>
    public long MostPixels { get; init; } = 100_000_000;

    /// <summary>Bytes that a file may have.</summary>
    public int MostBytes { get; init; } = 256 * 1024 * 1024;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Height, LargestSide, nameof(Height));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Width, LargestSide, nameof(Width));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MostPixels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MostBytes);
        if (!Enum.IsDefined(Fit))
        {
            throw new ArgumentOutOfRangeException(nameof(Fit), Fit, "A picture is cropped, letterboxed or squashed.");
        }
    }

    internal const int LargestSide = 8192;
}

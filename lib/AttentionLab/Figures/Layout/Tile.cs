using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>A picture with words above it and lines over it.</summary>
internal sealed record Tile(Image Picture, string Caption)
{
    /// <summary>Drawn over the picture: points (x, y), the middle of the first pixel at (0, 0).</summary>
    public IReadOnlyList<IReadOnlyList<(double X, double Y)>> Lines { get; init; } = [];
}

using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>What a <see cref="WinogradConvolution"/> computes.</summary>
/// <param name="Pictures">N.</param>
/// <param name="Channels">C of the input.</param>
/// <param name="InputHeight">H of the input.</param>
/// <param name="InputWidth">W of the input.</param>
/// <param name="Filters">C of the output.</param>
/// <param name="Padding">Zeros on each side of the input.</param>
internal sealed record WinogradShape(long Pictures, long Channels, long InputHeight, long InputWidth, long Filters, long Padding)
{
    /// <summary>H of the output.</summary>
    public long Height { get; } = InputHeight + (2 * Padding) - 2;

    /// <summary>W of the output.</summary>
    public long Width { get; } = InputWidth + (2 * Padding) - 2;

    /// <summary>Rows of tiles of a picture; a tile has 2×2 outputs.</summary>
    public long TileRows => (Height + 1) / 2;

    /// <summary>Tiles of a row.</summary>
    public long TilesInRow => (Width + 1) / 2;

    /// <summary>Rows of tiles of all pictures.</summary>
    public long Rows => Pictures * TileRows;

    /// <param name="pictures">N×H×W×C.</param>
    /// <param name="filters">C of the output.</param>
    /// <param name="padding">Zeros on each side.</param>
    public static WinogradShape Of(Tensor pictures, long filters, long padding) =>
        new(pictures.shape[0], pictures.shape[3], pictures.shape[1], pictures.shape[2], filters, padding);
}

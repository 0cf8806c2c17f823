using AttentionLab.Core;

namespace AttentionLab.Explain;

/// <summary>One channel of a layer, as the tutorial ranks and shows it.</summary>
/// <param name="Channel">Its number, from 0.</param>
/// <param name="Mean">Its spatial mean, by which it is ranked: signed, in the layer's own units.</param>
/// <param name="Map">What it outputs, h×w, as it is.</param>
public sealed record ChannelMap(int Channel, float Mean, Heatmap Map)
{
    /// <summary>
    /// The tutorial's heat map: scaled to [0, 1] by <see cref="Heatmap.MinMax()"/>, then enlarged by
    /// <see cref="Heatmap.ResizeCornerAligned"/>, which overshoots a little. For colouring follow with
    /// <see cref="Heatmap.Clip"/>, or with <see cref="Heatmap.MinMax()"/> as the tutorial's plotting does.
    /// </summary>
    /// <param name="height">Rows of the picture below.</param>
    /// <param name="width">Columns of the picture below.</param>
    /// <param name="part">The part of that picture that the network saw; null for all of it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive.</exception>
    public Heatmap ToHeatMap(int height, int width, ImagePart? part = null)
    {
        if (part is null)
        {
            return Map.MinMax().ResizeCornerAligned(height, width);
        }

        (int row, int column, int rows, int columns) = part.On(height, width).Pixels;
        return Map.MinMax().ResizeCornerAligned(rows, columns) with
        {
            Part = new ImagePart(row, column, rows, columns, height, width),
        };
    }
}

using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>A figure that lays maps over pictures in colours.</summary>
public abstract class MapFigure : Figure
{
    private protected MapFigure(int tileSize) => TileSize = tileSize;

    /// <summary>Above the pictures.</summary>
    public string Title
    {
        get => Label(field);
        init;
    } = "";

    /// <summary>The colours.</summary>
    public ColorMap ColorMap { get; init; } = ColorMap.Jet;

    /// <summary>Of the maps, in [0, 1].</summary>
    /// <exception cref="ArgumentOutOfRangeException">It lies outside.</exception>
    public double Opacity
    {
        get;
        init
        {
            OpacityRange.ThrowUnlessInside(value);
            field = value;
        }
    } = 0.5;

    /// <summary>About how wide and high a picture is, in logical pixels.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public int TileSize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    }
}

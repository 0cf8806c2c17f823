using System.Drawing;

namespace AttentionLab.Imaging;

/// <summary>A colour for every number of [0, 1], from a table of 256 colours.</summary>
/// <remarks>
/// The index is clip(⌊256·v⌋, 0, 255), as in matplotlib: values below 0 get the first colour, values above 1 the last. NaN has
/// no colour and is refused.
/// </remarks>
public sealed class ColorMap
{
    private const int Size = 256;
    private readonly float[] _table;

    private ColorMap(string name, Func<double, (double R, double G, double B)> color)
    {
        Name = name;
        _table = new float[3 * Size];
        for (int i = 0; i < Size; i++)
        {
            (double r, double g, double b) = color(i / (Size - 1.0));
            (_table[3 * i], _table[(3 * i) + 1], _table[(3 * i) + 2]) = ((float)r, (float)g, (float)b);
        }
    }

    /// <summary>
    /// Blue, cyan, yellow, red: what the tutorial uses. Vivid, but its brightness rises and falls, which shows edges that are
    /// not there; <see cref="Viridis"/> does not. The segments are those of matplotlib's <c>jet</c>.
    /// </summary>
    public static ColorMap Jet { get; } =
        new(
            "jet",
            v =>
                (
                    Interpolate(v, [(0, 0), (0.35, 0), (0.66, 1), (0.89, 1), (1, 0.5)]),
                    Interpolate(v, [(0, 0), (0.125, 0), (0.375, 1), (0.64, 1), (0.91, 0), (1, 0)]),
                    Interpolate(v, [(0, 0.5), (0.11, 1), (0.34, 1), (0.65, 0), (1, 0)])
                )
        );

    /// <summary>
    /// Violet to yellow with evenly rising brightness; reads in grey print and for colour-blind eyes. Table: ScottPlot's, within
    /// one level of matplotlib's.
    /// </summary>
    public static ColorMap Viridis { get; } = FromScottPlot("viridis", new ScottPlot.Colormaps.Viridis());

    /// <summary>Black to white.</summary>
    public static ColorMap Grays { get; } = new("grays", v => (v, v, v));

    /// <summary>
    /// Blue below, near white in the middle, red above: for signed maps with a range symmetric about 0. Table: ScottPlot's,
    /// from cmocean's <c>balance</c>.
    /// </summary>
    public static ColorMap Diverging { get; } = FromScottPlot("diverging", new ScottPlot.Colormaps.Balance());

    /// <summary>What the map is called.</summary>
    public string Name { get; }

    /// <summary>The 256 colours as red, green and blue in [0, 1], 256×3.</summary>
    public ReadOnlySpan<float> Table => _table;

    /// <summary>The colour of a value, with the channels rounded to 0–255.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is NaN.</exception>
    public Color this[double value]
    {
        get
        {
            ReadOnlySpan<float> color = Of(value);
            return Color.FromArgb(ToByte(color[0]), ToByte(color[1]), ToByte(color[2]));
        }
    }

    /// <summary>The colour of a value: red, green and blue in [0, 1].</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is NaN.</exception>
    public ReadOnlySpan<float> Of(double value)
    {
        if (double.IsNaN(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "NaN has no colour.");
        }

        int index = (int)Math.Clamp(Math.Floor(value * Size), 0, Size - 1);
        return _table.AsSpan(3 * index, 3);
    }

    /// <summary><see cref="Name"/>.</summary>
    public override string ToString() => Name;

    internal static byte ToByte(double unit) => (byte)Math.Clamp((unit * 255) + 0.5, 0, 255);

    private static ColorMap FromScottPlot(string name, ScottPlot.IColormap map) =>
        new(
            name,
            v =>
            {
                ScottPlot.Color color = map.GetColor(v);
                return (color.R / 255.0, color.G / 255.0, color.B / 255.0);
            }
        );

    private static double Interpolate(double v, ReadOnlySpan<(double X, double Y)> points)
    {
        int i = 1;
        while (v > points[i].X)
        {
            i++;
        }

        ((double x0, double y0), (double x1, double y1)) = (points[i - 1], points[i]);
        return y0 + ((v - x0) / (x1 - x0) * (y1 - y0));
    }
}

namespace AttentionLab.Data;

/// <summary>A picture in the making, and beside it how much of each pixel shows the object.</summary>
internal sealed class SceneCanvas
{
    /// <summary>Rows and columns.</summary>
    public const int Side = 32;

    /// <summary>Pixels.</summary>
    public const int Area = Side * Side;

    private readonly Rgb[] _colours = new Rgb[Area];
    private readonly double[] _object = new double[Area];

    /// <summary>Covers everything with a texture; no object is left.</summary>
    public void Fill(Texture texture)
    {
        Array.Clear(_object);
        for (int p = 0; p < Area; p++)
        {
            _colours[p] = texture.At(p / Side, p % Side);
        }
    }

    /// <summary>Paints over what lies inside the outline: what was there, object or not, is hidden.</summary>
    public void Paint(Outline outline, Texture texture) => Paint(outline, texture, isObject: false);

    /// <summary>Paints the object, or a part of it.</summary>
    public void PaintObject(Outline outline, Texture texture) => Paint(outline, texture, isObject: true);

    /// <summary>The share of the object, in [0, 1], that something painted inside the outline would hide.</summary>
    public double Hides(Outline outline)
    {
        double all = 0,
            hidden = 0;
        for (int p = 0; p < Area; p++)
        {
            if (_object[p] > 0)
            {
                all += _object[p];
                hidden += _object[p] * outline.Coverage(p / Side, p % Side);
            }
        }

        return all > 0 ? hidden / all : 0;
    }

    /// <summary>Rounds the picture to planes of red, green and blue, and the object to a mask, 0–255 each.</summary>
    public void CopyTo(Span<byte> planes, Span<byte> mask)
    {
        for (int p = 0; p < Area; p++)
        {
            planes[p] = ToByte(_colours[p].Red);
            planes[p + Area] = ToByte(_colours[p].Green);
            planes[p + (2 * Area)] = ToByte(_colours[p].Blue);
            mask[p] = ToByte(_object[p]);
        }
    }

    private void Paint(Outline outline, Texture texture, bool isObject)
    {
        for (int p = 0; p < Area; p++)
        {
            double coverage = outline.Coverage(p / Side, p % Side);
            if (coverage > 0)
            {
                _colours[p] = _colours[p].Mix(texture.At(p / Side, p % Side), coverage);
                _object[p] = isObject ? Math.Max(_object[p], coverage) : _object[p] * (1 - coverage);
            }
        }
    }

    private static byte ToByte(double share) => (byte)((255 * share) + 0.5);
}

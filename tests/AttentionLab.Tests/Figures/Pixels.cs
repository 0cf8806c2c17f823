using AttentionLab.Figures;
using AttentionLab.Imaging;
using SkiaSharp;

namespace AttentionLab.Tests.Figures;

/// <summary>A figure's PNG, decoded to be looked at pixel by pixel.</summary>
internal sealed class Pixels
{
    private readonly SKColor[] _pixels;

    private Pixels(SKBitmap bitmap) => (Width, Height, _pixels) = (bitmap.Width, bitmap.Height, bitmap.Pixels);

    public int Width { get; }

    public int Height { get; }

    public static Pixels Of(Figure figure, double scale = 1)
    {
        using SKBitmap bitmap = SKBitmap.Decode(figure.ToPng(scale));
        return new Pixels(bitmap);
    }

    public (int R, int G, int B) this[int x, int y]
    {
        get
        {
            SKColor color = _pixels[(y * Width) + x];
            return (color.Red, color.Green, color.Blue);
        }
    }

    /// <summary>Where pixels of a colour are: the box around them, and how many there are.</summary>
    public (int Left, int Top, int Right, int Bottom, int Count) Find(System.Drawing.Color color, int tolerance = 1)
    {
        (int left, int top, int right, int bottom, int count) = (int.MaxValue, int.MaxValue, -1, -1, 0);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                (int r, int g, int b) = this[x, y];
                if (
                    Math.Abs(r - color.R) <= tolerance
                    && Math.Abs(g - color.G) <= tolerance
                    && Math.Abs(b - color.B) <= tolerance
                )
                {
                    (left, top, right, bottom, count) = (
                        Math.Min(left, x),
                        Math.Min(top, y),
                        Math.Max(right, x),
                        Math.Max(bottom, y),
                        count + 1
                    );
                }
            }
        }

        return (left, top, right, bottom, count);
    }

    /// <summary>How many pixels of a rectangle are dark, as ink is.</summary>
    public int Ink(int left, int top, int right, int bottom) =>
        Enumerable
            .Range(top, bottom - top)
            .Sum(y => Enumerable.Range(left, right - left).Count(x => this[x, y] is var (r, g, b) && r + g + b < 300));

    /// <summary>Fails unless everything on white keeps a distance from the figure's edges: nothing is cut off.</summary>
    public void AssertWhiteEdges()
    {
        for (int x = 0; x < Width; x++)
        {
            Assert.Equal((255, 255, 255), this[x, 0]);
            Assert.Equal((255, 255, 255), this[x, Height - 1]);
        }

        for (int y = 0; y < Height; y++)
        {
            Assert.Equal((255, 255, 255), this[0, y]);
            Assert.Equal((255, 255, 255), this[Width - 1, y]);
        }
    }

    /// <summary>A picture of one colour.</summary>
    public static Image Plain(int height, int width, byte r, byte g, byte b)
    {
        var rgb = new byte[3 * height * width];
        for (int p = 0; p < height * width; p++)
        {
            (rgb[3 * p], rgb[(3 * p) + 1], rgb[(3 * p) + 2]) = (r, g, b);
        }

        return new Image(height, width, rgb);
    }

    /// <summary>A map of one value.</summary>
    public static float[,] Map(int height, int width, float value)
    {
        var map = new float[height, width];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                map[y, x] = value;
            }
        }

        return map;
    }
}

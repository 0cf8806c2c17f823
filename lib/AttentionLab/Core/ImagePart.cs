using System.Globalization;

namespace AttentionLab.Core;

/// <summary>
/// The part of a picture that a network saw: a rectangle in the picture's pixels, whose edges may lie between pixels, and outside
/// the picture where a letterbox has its bars.
/// </summary>
public sealed record ImagePart
{
    /// <summary>Names a part of a picture of <paramref name="imageHeight"/>×<paramref name="imageWidth"/> pixels.</summary>
    /// <exception cref="ArgumentException">A number is not finite, a side not positive, or the part lies outside the
    /// picture.</exception>
    public ImagePart(double top, double left, double height, double width, int imageHeight, int imageWidth)
    {
        bool isFinite = double.IsFinite(top + left + height + width);
        if (
            !isFinite
            || !(height > 0 && width > 0)
            || !(top < imageHeight && left < imageWidth && top + height > 0 && left + width > 0)
        )
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"A part of {height}×{width} pixels from row {top}, column {left} lies outside a picture of "
                        + $"{imageHeight}×{imageWidth} pixels."
                )
            );
        }

        (Top, Left, Height, Width, ImageHeight, ImageWidth) = (top, left, height, width, imageHeight, imageWidth);
    }

    /// <summary>Its upper edge, counted from the picture's.</summary>
    public double Top { get; }

    /// <summary>Its left edge, counted from the picture's.</summary>
    public double Left { get; }

    /// <summary>Rows that it is high.</summary>
    public double Height { get; }

    /// <summary>Columns that it is wide.</summary>
    public double Width { get; }

    /// <summary>Rows of the whole picture.</summary>
    public int ImageHeight { get; }

    /// <summary>Columns of the whole picture.</summary>
    public int ImageWidth { get; }

    /// <summary>Whether it is all of the picture.</summary>
    public bool IsWhole => (Top, Left, Height, Width) == (0, 0, ImageHeight, ImageWidth);

    /// <summary>The pixels whose centres lie in it, at least one row and one column.</summary>
    internal (int Row, int Column, int Rows, int Columns) Pixels
    {
        get
        {
            (int row, int rows) = Inside(Top, Height, ImageHeight);
            (int column, int columns) = Inside(Left, Width, ImageWidth);
            return (row, column, rows, columns);
        }
    }

    /// <summary>All of a picture.</summary>
    /// <exception cref="ArgumentException">A side is not positive.</exception>
    public static ImagePart Whole(int height, int width) => new(0, 0, height, width, height, width);

    /// <summary>The same part of the same picture at another resolution.</summary>
    /// <exception cref="ArgumentException">A side is not positive.</exception>
    public ImagePart On(int imageHeight, int imageWidth)
    {
        double down = (double)imageHeight / ImageHeight,
            across = (double)imageWidth / ImageWidth;
        return new ImagePart(Top * down, Left * across, Height * down, Width * across, imageHeight, imageWidth);
    }

    private static (int First, int Count) Inside(double from, double length, int side)
    {
        int first = Math.Clamp((int)Math.Ceiling(from - 0.5), 0, side - 1),
            end = Math.Clamp((int)Math.Ceiling(from + length - 0.5), first + 1, side);
        return (first, end - first);
    }
}

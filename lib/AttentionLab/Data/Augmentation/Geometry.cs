namespace AttentionLab.Data;

/// <summary>Moves pixels about without changing them, pixel for pixel as torchvision does on PIL pictures.</summary>
public static class Geometry
{
    /// <summary>Surrounds a picture with black and cuts a part of the old size out of it.</summary>
    /// <param name="source">The picture, 3×H×W.</param>
    /// <param name="target">Where the part goes, 3×H×W; must not overlap the source.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="top">The part's first row in the padded picture, in [0, 2 · padding].</param>
    /// <param name="left">The part's first column in the padded picture, in [0, 2 · padding].</param>
    /// <param name="padding">Pixels of black on each side.</param>
    /// <exception cref="ArgumentException">A block does not hold 3·H·W bytes, or the two overlap.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie in the padded picture.</exception>
    public static void Crop(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, int top, int left, int padding)
    {
        CheckPair(source, target, height, width);
        CheckPart(top, left, padding);
        int down = top - padding,
            right = left - padding;
        int fromX = Math.Max(0, right),
            toX = Math.Max(0, -right),
            columns = width - Math.Abs(right);
        target.Clear();
        if (columns <= 0)
        {
            return;
        }

        for (int plane = 0; plane < source.Length; plane += height * width)
        {
            for (int y = Math.Max(0, -down); y < Math.Min(height, height - down); y++)
            {
                source.Slice(plane + ((y + down) * width) + fromX, columns).CopyTo(target[(plane + (y * width) + toX)..]);
            }
        }
    }

    /// <summary>The same of a picture that is continued by its mirror image, the edge itself not repeated.</summary>
    /// <inheritdoc cref="Crop"/>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie in the padded picture, or a side is not longer than
    /// the padding.</exception>
    public static void CropReflected(
        ReadOnlySpan<byte> source,
        Span<byte> target,
        int height,
        int width,
        int top,
        int left,
        int padding
    )
    {
        CheckPair(source, target, height, width);
        CheckPart(top, left, padding);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(padding, Math.Min(height, width));
        for (int plane = 0; plane < source.Length; plane += height * width)
        {
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<byte> row = source.Slice(plane + (Mirror(y + top - padding, height) * width), width);
                Span<byte> to = target.Slice(plane + (y * width), width);
                for (int x = 0; x < width; x++)
                {
                    to[x] = row[Mirror(x + left - padding, width)];
                }
            }
        }

        static int Mirror(int i, int side) =>
            i < 0 ? -i
            : i < side ? i
            : (2 * (side - 1)) - i;
    }

    /// <summary>Mirrors a picture left to right, in place.</summary>
    /// <param name="planes">The picture, 3×H×W.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <exception cref="ArgumentException">The block does not hold 3·H·W bytes.</exception>
    public static void FlipHorizontally(Span<byte> planes, int height, int width)
    {
        Planes.Check(planes, height, width, nameof(planes));
        for (int row = 0; row < planes.Length; row += width)
        {
            planes.Slice(row, width).Reverse();
        }
    }

    /// <summary>Turns a picture about its centre; each pixel takes the nearest old one, those from outside are black.</summary>
    /// <param name="source">The picture, 3×H×W, at most 16384 pixels a side.</param>
    /// <param name="target">Where the turned one goes, 3×H×W; must not overlap the source.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="degrees">Counter-clockwise.</param>
    /// <exception cref="ArgumentException">A block does not hold 3·H·W bytes, or the two overlap.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A side is too long, or the angle is not finite.</exception>
    /// <remarks>PIL's way: an affine map from new to old pixel centres, stepped through in 16.16 fixed point.</remarks>
    public static void Rotate(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, double degrees)
    {
        const int MaxSide = 16384;
        CheckPair(source, target, height, width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, MaxSide);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, MaxSide);
        if (!double.IsFinite(degrees))
        {
            throw new ArgumentOutOfRangeException(nameof(degrees), degrees, "An angle is a finite number.");
        }

        (double sin, double cos) = Math.SinCos(-double.DegreesToRadians(degrees - (360 * Math.Floor(degrees / 360))));
        (sin, cos) = (Math.Round(sin, 15), Math.Round(cos, 15));
        double centerX = width / 2.0,
            centerY = height / 2.0;
        double startX = centerX - (cos * centerX) - (sin * centerY),
            startY = centerY + (sin * centerX) - (cos * centerY);

        // Where the centre of the new picture's first pixel lies in the old one, and the way to the next column and row.
        int rowX = Fixed(startX + ((cos + sin) / 2)),
            rowY = Fixed(startY + ((cos - sin) / 2));
        int fixedCos = Fixed(cos),
            fixedSin = Fixed(sin),
            columnY = Fixed(-sin),
            area = height * width;
        target.Clear();
        for (int row = 0; row < area; row += width)
        {
            int x = rowX,
                y = rowY;
            for (int p = row; p < row + width; p++)
            {
                int oldX = x >> 16,
                    oldY = y >> 16;
                if ((uint)oldX < (uint)width && (uint)oldY < (uint)height)
                {
                    int old = (oldY * width) + oldX;
                    target[p] = source[old];
                    target[area + p] = source[area + old];
                    target[(2 * area) + p] = source[(2 * area) + old];
                }

                x += fixedCos;
                y += columnY;
            }

            rowX += fixedSin;
            rowY += fixedCos;
        }

        static int Fixed(double value) => (int)Math.Floor((value * 65536) + 0.5);
    }

    private static void CheckPart(int top, int left, int padding)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(top, 2 * padding);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(left, 2 * padding);
    }

    private static void CheckPair(ReadOnlySpan<byte> source, Span<byte> target, int height, int width)
    {
        Planes.Check(source, height, width, nameof(source));
        Planes.Check(target, height, width, nameof(target));
        if (source.Overlaps(target))
        {
            throw new ArgumentException("The target overlaps the source, which is still to be read.", nameof(target));
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace AttentionLab.Models;

/// <summary>The transformations of <see cref="WinogradConvolution"/>. Pictures have their channels last in memory.</summary>
/// <remarks>
/// Rows are rows of tiles, counted through all pictures; <c>plane</c> is the distance from a plane to the next, in numbers.
/// </remarks>
internal static unsafe class WinogradTiles
{
    /// <summary>Values of a tile.</summary>
    public const int Points = 16;

    /// <summary>G·g·Gᵀ with G = [1 0 0; ½ ½ ½; ½ −½ ½; 0 0 1], of a block of filters.</summary>
    /// <param name="weights">F×C×3×3, or of filters to be rotated C×F×3×3.</param>
    /// <param name="rotates">Whether to rotate the filters by 180°.</param>
    /// <param name="planes">Right factors of a <see cref="MatrixProduct"/>, C × F.</param>
    /// <param name="shape">Of the convolution.</param>
    /// <param name="block">Which block.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformFilters(float* weights, bool rotates, WinogradPlanes planes, WinogradShape shape, long block)
    {
        const int Row = MatrixProduct.BlockColumns; // of the block's filters at one place of the nine
        (long filter, long channel) = rotates ? (9L, 9 * shape.Filters) : (9 * shape.Channels, 9L);
        float* places = stackalloc float[9 * Row];
        float* to = planes[0] + (block * shape.Channels * Row);
        weights += block * Row * filter;
        for (long c = 0; c < shape.Channels; c++, weights += channel)
        {
            for (int f = 0; f < Row; f++)
            {
                for (int i = 0; i < 9; i++)
                {
                    places[(i * Row) + f] = weights[(f * filter) + (rotates ? 8 - i : i)];
                }
            }

            for (int f = 0; f < Row; f += Vector<float>.Count, to += Vector<float>.Count)
            {
                float* from = places + f;
                Vector<float> a0 = At(from),
                    a1 = At(from + Row),
                    a2 = At(from + (2 * Row)),
                    b0 = At(from + (3 * Row)) * 0.5f,
                    b1 = At(from + (4 * Row)) * 0.5f,
                    b2 = At(from + (5 * Row)) * 0.5f,
                    c0 = At(from + (6 * Row)),
                    c1 = At(from + (7 * Row)),
                    c2 = At(from + (8 * Row)),
                    s0 = (a0 + c0) * 0.5f,
                    s1 = (a1 + c1) * 0.5f,
                    s2 = (a2 + c2) * 0.5f;
                FilterRow(a0, a1, a2, to, planes.Stride);
                FilterRow(s0 + b0, s1 + b1, s2 + b2, to + (4 * planes.Stride), planes.Stride);
                FilterRow(s0 - b0, s1 - b1, s2 - b2, to + (8 * planes.Stride), planes.Stride);
                FilterRow(c0, c1, c2, to + (12 * planes.Stride), planes.Stride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FilterRow(Vector<float> left, Vector<float> middle, Vector<float> right, float* to, long plane)
    {
        Vector<float> sum = (left + right) * 0.5f,
            half = middle * 0.5f;
        left.Store(to);
        (sum + half).Store(to + plane);
        (sum - half).Store(to + (2 * plane));
        right.Store(to + (3 * plane));
    }

    /// <summary>Bᵀ·d·B with Bᵀ = [1 0 −1 0; 0 1 1 0; 0 −1 1 0; 0 1 0 −1]. Tiles overlap by two pixels.</summary>
    /// <param name="pictures">N×H×W×C.</param>
    /// <param name="planes">Of C channels, for the tiles of these rows.</param>
    /// <param name="border">C zeros.</param>
    /// <param name="shape">Of the convolution.</param>
    /// <param name="first">The first row of tiles.</param>
    /// <param name="rows">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformInput(
        float* pictures,
        WinogradPlanes planes,
        float* border,
        WinogradShape shape,
        long first,
        long rows
    )
    {
        float* tiles = planes[0];
        float** pixels = stackalloc float*[Points];
        for (long row = first; row < first + rows; row++)
        {
            (long picture, long tileRow) = Math.DivRem(row, shape.TileRows);
            for (long tile = 0; tile < shape.TilesInRow; tile++)
            {
                for (int i = 0; i < Points; i++)
                {
                    long y = (2 * tileRow) - shape.Padding + (i / 4),
                        x = (2 * tile) - shape.Padding + (i % 4);
                    bool isInside = y >= 0 && y < shape.InputHeight && x >= 0 && x < shape.InputWidth;
                    pixels[i] = isInside
                        ? pictures + (((((picture * shape.InputHeight) + y) * shape.InputWidth) + x) * shape.Channels)
                        : border;
                }

                TransformTile(pixels, tiles, planes.Stride, shape.Channels);
                tiles += shape.Channels;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformTile(float** pixels, float* to, long plane, long channels)
    {
        for (long c = 0; c < channels; c += Vector<float>.Count, to += Vector<float>.Count)
        {
            var (a0, a1, a2, a3) = TileRow(pixels, c);
            var (b0, b1, b2, b3) = TileRow(pixels + 4, c);
            var (c0, c1, c2, c3) = TileRow(pixels + 8, c);
            var (d0, d1, d2, d3) = TileRow(pixels + 12, c);
            TileColumn(a0, b0, c0, d0, to, plane);
            TileColumn(a1, b1, c1, d1, to + plane, plane);
            TileColumn(a2, b2, c2, d2, to + (2 * plane), plane);
            TileColumn(a3, b3, c3, d3, to + (3 * plane), plane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<float>, Vector<float>, Vector<float>, Vector<float>) TileRow(float** pixels, long channel)
    {
        Vector<float> a = At(pixels[0] + channel),
            b = At(pixels[1] + channel),
            c = At(pixels[2] + channel),
            d = At(pixels[3] + channel);
        return (a - c, b + c, c - b, b - d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TileColumn(Vector<float> a, Vector<float> b, Vector<float> c, Vector<float> d, float* to, long plane)
    {
        (a - c).Store(to);
        (b + c).Store(to + (4 * plane));
        (c - b).Store(to + (8 * plane));
        (b - d).Store(to + (12 * plane));
    }

    /// <summary>Aᵀ·m·A with Aᵀ = [1 1 1 0; 0 1 −1 −1], and the bias.</summary>
    /// <param name="planes">Products of F channels, for the tiles of these rows.</param>
    /// <param name="output">N×H×W×F.</param>
    /// <param name="bias">F.</param>
    /// <param name="shape">Of the convolution.</param>
    /// <param name="first">The first row of tiles.</param>
    /// <param name="rows">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformOutput(
        WinogradPlanes planes,
        float* output,
        float* bias,
        WinogradShape shape,
        long first,
        long rows
    )
    {
        float* products = planes[0];
        long plane = planes.Stride;
        for (long row = first; row < first + rows; row++)
        {
            (long picture, long tileRow) = Math.DivRem(row, shape.TileRows);
            for (long tile = 0; tile < shape.TilesInRow; tile++, products += shape.Filters)
            {
                float* above = OutputTile(output, shape, picture, tileRow, tile, out float* below, out bool hasRight);
                for (long f = 0; f < shape.Filters; f += Vector<float>.Count)
                {
                    (Vector<float> a0, Vector<float> b0) = ProductColumn(products + f, plane);
                    (Vector<float> a1, Vector<float> b1) = ProductColumn(products + f + plane, plane);
                    (Vector<float> a2, Vector<float> b2) = ProductColumn(products + f + (2 * plane), plane);
                    (Vector<float> a3, Vector<float> b3) = ProductColumn(products + f + (3 * plane), plane);
                    Vector<float> added = At(bias + f);
                    (a0 + a1 + a2 + added).Store(above + f);
                    if (hasRight)
                    {
                        (a1 - a2 - a3 + added).Store(above + shape.Filters + f);
                    }

                    if (below is not null)
                    {
                        (b0 + b1 + b2 + added).Store(below + f);
                        if (hasRight)
                        {
                            (b1 - b2 - b3 + added).Store(below + shape.Filters + f);
                        }
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<float> Above, Vector<float> Below) ProductColumn(float* products, long plane)
    {
        Vector<float> a = At(products),
            b = At(products + (4 * plane)),
            c = At(products + (8 * plane)),
            d = At(products + (12 * plane));
        return (a + b + c, b - c - d);
    }

    /// <summary>A·y·Aᵀ, y a tile of 2×2 gradients; beyond an odd side they are 0.</summary>
    /// <param name="gradient">N×H×W×F.</param>
    /// <param name="planes">Of F channels, for the tiles of these rows.</param>
    /// <param name="shape">Of the convolution.</param>
    /// <param name="first">The first row of tiles.</param>
    /// <param name="rows">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformGradient(float* gradient, WinogradPlanes planes, WinogradShape shape, long first, long rows)
    {
        float* tiles = planes[0];
        long plane = planes.Stride;
        for (long row = first; row < first + rows; row++)
        {
            (long picture, long tileRow) = Math.DivRem(row, shape.TileRows);
            for (long tile = 0; tile < shape.TilesInRow; tile++, tiles += shape.Filters)
            {
                float* above = OutputTile(gradient, shape, picture, tileRow, tile, out float* below, out bool hasRight);
                for (long f = 0; f < shape.Filters; f += Vector<float>.Count)
                {
                    Vector<float> a = At(above + f),
                        b = hasRight ? At(above + shape.Filters + f) : default,
                        c = below is not null ? At(below + f) : default,
                        d = below is not null && hasRight ? At(below + shape.Filters + f) : default;
                    GradientRow(a, b, tiles + f, plane);
                    GradientRow(a + c, b + d, tiles + f + (4 * plane), plane);
                    GradientRow(a - c, b - d, tiles + f + (8 * plane), plane);
                    GradientRow(-c, -d, tiles + f + (12 * plane), plane);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GradientRow(Vector<float> left, Vector<float> right, float* to, long plane)
    {
        left.Store(to);
        (left + right).Store(to + plane);
        (left - right).Store(to + (2 * plane));
        (-right).Store(to + (3 * plane));
    }

    /// <summary>Gᵀ·m·G.</summary>
    /// <param name="products">16×F×C.</param>
    /// <param name="weights">F×3×3×C.</param>
    /// <param name="shape">Of the convolution.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformWeightGradient(float* products, float* weights, WinogradShape shape)
    {
        int channels = (int)shape.Channels;
        long plane = shape.Filters * shape.Channels;
        for (long filter = 0; filter < shape.Filters; filter++)
        {
            for (int c = 0; c < channels; c += Vector<float>.Count)
            {
                float* from = products + (filter * channels) + c;
                float* to = weights + (filter * 9 * channels) + c;
                var (a0, b0, c0) = WeightColumn(from, plane);
                var (a1, b1, c1) = WeightColumn(from + plane, plane);
                var (a2, b2, c2) = WeightColumn(from + (2 * plane), plane);
                var (a3, b3, c3) = WeightColumn(from + (3 * plane), plane);
                WeightRow(a0, a1, a2, a3, to, channels);
                WeightRow(b0, b1, b2, b3, to + (3 * channels), channels);
                WeightRow(c0, c1, c2, c3, to + (6 * channels), channels);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<float>, Vector<float>, Vector<float>) WeightColumn(float* from, long plane)
    {
        Vector<float> a = At(from),
            b = At(from + (4 * plane)),
            c = At(from + (8 * plane)),
            d = At(from + (12 * plane)),
            sum = (b + c) * 0.5f;
        return (a + sum, (b - c) * 0.5f, sum + d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WeightRow(Vector<float> a, Vector<float> b, Vector<float> c, Vector<float> d, float* to, long channels)
    {
        Vector<float> sum = (b + c) * 0.5f;
        (a + sum).Store(to);
        ((b - c) * 0.5f).Store(to + channels);
        (sum + d).Store(to + (2 * channels));
    }

    private static Vector<float> At(float* values) => Vector.Load(values);

    /// <summary>The upper left of a tile's 2×2 outputs; an odd side cuts off some of the others.</summary>
    /// <param name="output">N×H×W×F.</param>
    /// <param name="shape">Of the convolution.</param>
    /// <param name="picture">Which picture.</param>
    /// <param name="tileRow">Which row of its tiles.</param>
    /// <param name="tile">Which of that.</param>
    /// <param name="below">The lower left; null where there is none.</param>
    /// <param name="hasRight">Whether there are outputs on the right.</param>
    private static float* OutputTile(
        float* output,
        WinogradShape shape,
        long picture,
        long tileRow,
        long tile,
        out float* below,
        out bool hasRight
    )
    {
        long y = 2 * tileRow,
            x = 2 * tile;
        float* above = output + (((((picture * shape.Height) + y) * shape.Width) + x) * shape.Filters);
        below = y + 1 < shape.Height ? above + (shape.Width * shape.Filters) : null;
        hasRight = x + 1 < shape.Width;
        return above;
    }
}

using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// A convolution of 3×3 by Winograd's F(2×2, 3×3): four outputs from 16 products in place of 36. A tile of 4×4 inputs d and a
/// filter g give $Aᵀ[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]A$, and the products of all tiles and channels are 16 products of matrices.
/// </summary>
/// <remarks>
/// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016 (arXiv:1509.09308). Values differ from torch's
/// by rounding, about 1e-6 of the largest.
/// </remarks>
internal static unsafe class WinogradConvolution
{
    private const int Points = 16; // of a tile

    // A stretch of tiles stays in a core's second cache from its transformation to its product.
    private const long StretchBytes = 1 << 20;

    /// <summary>
    /// Whether a layer may be computed so, and takes less time so: without gradients, hooks and half precision, and on one thread,
    /// because only the products use several.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">What goes into it.</param>
    public static bool Suits(Conv2d layer, Tensor input) =>
        RuntimeInformation.ProcessArchitecture == Architecture.X64 // where it was measured
        && get_num_threads() == 1
        && layer
            is {
                kernel_size: [3, 3],
                stride: [1, 1],
                dilation: [1, 1],
                groups: 1,
                padding: [>= 0 and <= 2 and var rows, var columns],
                padding_mode: PaddingModes.Zeros
            }
        && rows == columns
        && input is { device_type: DeviceType.CPU, dtype: ScalarType.Float32 }
        && layer.weight is { device_type: DeviceType.CPU, dtype: ScalarType.Float32, shape: [_, _, 3, 3] } weight
        && (layer.bias is null || IsBias(layer.bias, weight.shape[0]))
        && input.shape is [> 0, var channels, var height, var width]
        && channels == weight.shape[1]
        && Math.Min(height, width) + (2 * rows) >= 3
        && weight.shape.Take(2).All(each => each % Vector<float>.Count == 0)
        && IsSooner(Shape.Of(input, weight, rows))
        && !ForwardHooks.Any(layer)
        && !(is_grad_enabled() && (input.requires_grad || layer.parameters().Any(each => each.requires_grad)));

    /// <summary>The layer's output, N×C×H×W with channels last in memory.</summary>
    /// <inheritdoc cref="Suits" path="/param"/>
    public static Tensor Of(Conv2d layer, Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        var shape = Shape.Of(input, layer.weight!, layer.padding![0]);
        Tensor pictures = input.permute(0, 2, 3, 1).contiguous(),
            weights = layer.weight!.permute(0, 2, 3, 1).contiguous(),
            filters = empty(Points, shape.Filters, shape.Channels),
            output = empty(shape.Pictures, shape.Height, shape.Width, shape.Filters),
            bias = layer.bias?.contiguous() ?? zeros(shape.Filters),
            border = zeros(shape.Channels);
        TransformFilters(Values(weights), Values(filters), shape);
        Tensor turned = filters.transpose(1, 2);
        long rows = shape.Pictures * shape.TileRows,
            atOnce = Math.Clamp(StretchBytes / (Points * sizeof(float) * shape.TilesInRow * shape.Channels), 1, rows);
        for (long first = 0; first < rows; first += atOnce)
        {
            using DisposeScope stretch = NewDisposeScope();
            long count = Math.Min(atOnce, rows - first);
            Tensor tiles = empty(Points, count * shape.TilesInRow, shape.Channels);
            TransformTiles(Values(pictures), Values(tiles), Values(border), shape, first, count);
            Tensor products = tiles.bmm(turned);
            TransformBack(Values(products), Values(output), Values(bias), shape, first, count);
        }

        return output.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    private static bool IsBias(Tensor bias, long filters) =>
        bias is { device_type: DeviceType.CPU, dtype: ScalarType.Float32, shape: [var length] } && length == filters;

    /// <summary>
    /// In multiplications. A product of matrices takes 1.27 times as long for each as torch's convolution, and what is moved
    /// counts as so many: an input of a tile 11, an output 6, a weight 34 (measured on an AMD EPYC, Zen 4).
    /// </summary>
    private static bool IsSooner(Shape shape)
    {
        double weights = (double)shape.Filters * shape.Channels,
            tiles = (double)shape.Pictures * shape.TileRows * shape.TilesInRow,
            direct = 9 * weights * shape.Pictures * shape.Height * shape.Width,
            here =
                Points
                * ((1.27 * weights * tiles) + (11 * shape.Channels * tiles) + (6 * shape.Filters * tiles) + (34 * weights));
        return here < 0.9 * direct;
    }

    // G·g·Gᵀ with G = [1 0 0; ½ ½ ½; ½ −½ ½; 0 0 1], of each filter and channel.
    private static void TransformFilters(float* weights, float* filters, Shape shape)
    {
        int channels = (int)shape.Channels;
        long plane = shape.Filters * shape.Channels;
        for (long filter = 0; filter < shape.Filters; filter++)
        {
            for (int c = 0; c < channels; c += Vector<float>.Count)
            {
                float* from = weights + (filter * 9 * channels) + c;
                float* to = filters + (filter * channels) + c;
                Vector<float> a0 = At(from),
                    a1 = At(from + channels),
                    a2 = At(from + (2 * channels)),
                    b0 = At(from + (3 * channels)) * 0.5f,
                    b1 = At(from + (4 * channels)) * 0.5f,
                    b2 = At(from + (5 * channels)) * 0.5f,
                    c0 = At(from + (6 * channels)),
                    c1 = At(from + (7 * channels)),
                    c2 = At(from + (8 * channels)),
                    s0 = (a0 + c0) * 0.5f,
                    s1 = (a1 + c1) * 0.5f,
                    s2 = (a2 + c2) * 0.5f;
                FilterRow(a0, a1, a2, to, plane);
                FilterRow(s0 + b0, s1 + b1, s2 + b2, to + (4 * plane), plane);
                FilterRow(s0 - b0, s1 - b1, s2 - b2, to + (8 * plane), plane);
                FilterRow(c0, c1, c2, to + (12 * plane), plane);
            }
        }
    }

    private static void FilterRow(Vector<float> left, Vector<float> middle, Vector<float> right, float* to, long plane)
    {
        Vector<float> sum = (left + right) * 0.5f,
            half = middle * 0.5f;
        left.Store(to);
        (sum + half).Store(to + plane);
        (sum - half).Store(to + (2 * plane));
        right.Store(to + (3 * plane));
    }

    // Bᵀ·d·B with Bᵀ = [1 0 −1 0; 0 1 1 0; 0 −1 1 0; 0 1 0 −1], of each tile and channel; tiles overlap by two pixels.
    private static void TransformTiles(float* pictures, float* tiles, float* border, Shape shape, long first, long count)
    {
        long plane = count * shape.TilesInRow * shape.Channels;
        float** pixels = stackalloc float*[Points];
        for (long row = first; row < first + count; row++)
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

                TransformTile(pixels, tiles, plane, shape.Channels);
                tiles += shape.Channels;
            }
        }
    }

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

    private static (Vector<float>, Vector<float>, Vector<float>, Vector<float>) TileRow(float** pixels, long channel)
    {
        Vector<float> a = At(pixels[0] + channel),
            b = At(pixels[1] + channel),
            c = At(pixels[2] + channel),
            d = At(pixels[3] + channel);
        return (a - c, b + c, c - b, b - d);
    }

    private static void TileColumn(Vector<float> a, Vector<float> b, Vector<float> c, Vector<float> d, float* to, long plane)
    {
        (a - c).Store(to);
        (b + c).Store(to + (4 * plane));
        (c - b).Store(to + (8 * plane));
        (b - d).Store(to + (12 * plane));
    }

    // Aᵀ·m·A with Aᵀ = [1 1 1 0; 0 1 −1 −1], of each tile and filter, and the bias.
    private static void TransformBack(float* products, float* output, float* bias, Shape shape, long first, long count)
    {
        long plane = count * shape.TilesInRow * shape.Filters;
        for (long row = first; row < first + count; row++)
        {
            (long picture, long tileRow) = Math.DivRem(row, shape.TileRows);
            for (long tile = 0; tile < shape.TilesInRow; tile++, products += shape.Filters)
            {
                long y = 2 * tileRow,
                    x = 2 * tile;
                float* above = output + (((((picture * shape.Height) + y) * shape.Width) + x) * shape.Filters);
                float* below = y + 1 < shape.Height ? above + (shape.Width * shape.Filters) : null;
                bool hasRight = x + 1 < shape.Width;
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

    private static (Vector<float> Above, Vector<float> Below) ProductColumn(float* products, long plane)
    {
        Vector<float> a = At(products),
            b = At(products + (4 * plane)),
            c = At(products + (8 * plane)),
            d = At(products + (12 * plane));
        return (a + b + c, b - c - d);
    }

    private static Vector<float> At(float* values) => Vector.Load(values);

    private static float* Values(Tensor tensor)
    {
        using Tensor first = tensor.flatten()[..1]; // of all, there may be more bytes than a span takes
        fixed (byte* values = first.bytes)
        {
            return (float*)values; // torch's memory, which does not move
        }
    }

    private sealed record Shape(
        long Pictures,
        long Channels,
        long InputHeight,
        long InputWidth,
        long Filters,
        long Height,
        long Width,
        long Padding
    )
    {
        public long TileRows => (Height + 1) / 2;

        public long TilesInRow => (Width + 1) / 2;

        public static Shape Of(Tensor input, Tensor weight, long padding) =>
            new(
                input.shape[0],
                input.shape[1],
                input.shape[2],
                input.shape[3],
                weight.shape[0],
                input.shape[2] + (2 * padding) - 2,
                input.shape[3] + (2 * padding) - 2,
                padding
            );
    }
}

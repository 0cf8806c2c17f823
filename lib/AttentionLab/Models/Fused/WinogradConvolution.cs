using System.Runtime.InteropServices;
using AttentionLab.Core;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// A convolution of 3×3 by Winograd's F(2×2, 3×3): four outputs from 16 products in place of 36. A tile of 4×4 inputs d and a
/// filter g give $Aᵀ[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]A$, and the products of all tiles and channels are 16 products of matrices. So are those
/// of the gradients: the input's is a convolution of the output's with the filters rotated by 180°, the weights' is
/// $Gᵀ[Σ(A·y·Aᵀ) ⊙ (Bᵀ·d·B)]G$, y a tile of 2×2 of the output's gradient.
/// </summary>
/// <remarks>
/// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016 (arXiv:1509.09308). Values differ from torch's
/// by rounding, about 1e-6 of the largest.
/// </remarks>
internal static unsafe class WinogradConvolution
{
    // Tiles and products of a stretch stay in a core's second cache from one step to the next.
    private const long StretchBytes = 1 << 19;

    // Where there are many channels: for each stretch all filters come from memory.
    private const long StretchTiles = 64,
        LeastTiles = 16;

    /// <summary>
    /// Whether a layer may be computed so where nobody takes gradients, and takes less time so: without hooks and half precision,
    /// and with work for all of torch's threads.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">What goes into it.</param>
    public static bool Suits(Conv2d layer, Tensor input) =>
        SuitsShapes(layer, input)
        && !(is_grad_enabled() && (input.requires_grad || layer.parameters().Any(each => each.requires_grad)));

    /// <summary>The same for a layer that learns.</summary>
    /// <inheritdoc cref="Suits" path="/param"/>
    public static bool SuitsTraining(Conv2d layer, Tensor input) =>
        layer.training && is_grad_enabled() && SuitsShapes(layer, input);

    /// <summary>The layer's output, N×C×H×W with channels last in memory.</summary>
    /// <inheritdoc cref="Suits" path="/param"/>
    public static Tensor Of(Conv2d layer, Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return Convolve(ChannelsLast(input), layer.weight!.contiguous(), rotates: false, layer.bias, layer.padding![0])
            .permute(0, 3, 1, 2)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The same with gradients.</summary>
    /// <inheritdoc cref="Suits" path="/param"/>
    public static Tensor Train(Conv2d layer, Tensor input) => Function.apply(input, layer.weight!, layer.bias!, layer);

    private static bool SuitsShapes(Conv2d layer, Tensor input) =>
        RuntimeInformation.ProcessArchitecture == Architecture.X64 // where it was measured
        && TorchThreads.AreAll
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
        && weight.shape.Take(2).All(each => each % MatrixProduct.BlockColumns == 0)
        && new WinogradShape(input.shape[0], channels, height, width, weight.shape[0], rows) is var shape
        && IsSooner(shape)
        && KeepsThreadsBusy(shape)
        && !ForwardHooks.Any(layer);

    private static bool IsBias(Tensor bias, long filters) =>
        bias is { device_type: DeviceType.CPU, dtype: ScalarType.Float32, shape: [var length] } && length == filters;

    /// <summary>
    /// In multiplications. A product of matrices takes 1.05 times as long for each as torch's convolution, and what is moved
    /// counts as so many: an input of a tile 11, an output 6, a weight 34 (measured on an AMD EPYC, Zen 4).
    /// </summary>
    private static bool IsSooner(WinogradShape shape)
    {
        double weights = (double)shape.Filters * shape.Channels,
            tiles = (double)shape.Rows * shape.TilesInRow,
            direct = 9 * weights * shape.Pictures * shape.Height * shape.Width,
            here =
                WinogradTiles.Points
                * ((1.05 * weights * tiles) + (11 * shape.Channels * tiles) + (6 * shape.Filters * tiles) + (34 * weights));
        return here < 0.9 * direct;
    }

    /// <summary>Whether several threads have two stretches each that are worth the filters they load.</summary>
    private static bool KeepsThreadsBusy(WinogradShape shape) =>
        get_num_threads() == 1 || RowsAtMost(shape) * shape.TilesInRow >= LeastTiles;

    /// <param name="pictures">N×H×W×C.</param>
    /// <param name="weights">F×C×3×3, or of filters to be rotated C×F×3×3.</param>
    /// <param name="rotates">Whether to rotate the filters by 180°.</param>
    /// <param name="bias">F, or null for zeros.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <returns>N×H×W×F.</returns>
    private static Tensor Convolve(Tensor pictures, Tensor weights, bool rotates, Tensor? bias, long padding)
    {
        var shape = WinogradShape.Of(pictures, weights.shape[rotates ? 1 : 0], padding);
        Tensor output = empty(shape.Pictures, shape.Height, shape.Width, shape.Filters),
            border = zeros(shape.Channels),
            added = bias?.contiguous() ?? zeros(shape.Filters);
        using var filters = new WinogradPlanes(shape.Channels, shape.Filters);
        float* original = weights.Floats(),
            from = pictures.Floats(),
            to = output.Floats(),
            zero = border.Floats(),
            addend = added.Floats();
        long atOnce = RowsAtOnce(shape);
        TorchThreads.For(
            (int)(shape.Filters / MatrixProduct.BlockColumns),
            block => WinogradTiles.TransformFilters(original, rotates, filters, shape, block)
        );
        TorchThreads.For(
            (int)((shape.Rows + atOnce - 1) / atOnce),
            stretch =>
            {
                long first = stretch * atOnce,
                    rows = Math.Min(atOnce, shape.Rows - first);
                using var tiles = new WinogradPlanes(rows * shape.TilesInRow, shape.Channels);
                using var products = new WinogradPlanes(rows * shape.TilesInRow, shape.Filters);
                WinogradTiles.TransformInput(from, tiles, zero, shape, first, rows);
                Multiply(tiles, filters, products, shape);
                WinogradTiles.TransformOutput(products, to, addend, shape, first, rows);
            }
        );
        return output;
    }

    /// <param name="pictures">N×H×W×C.</param>
    /// <param name="gradient">Of the output, N×H×W×F.</param>
    /// <param name="padding">Zeros on each side of the pictures.</param>
    /// <returns>F×3×3×C, and F.</returns>
    private static (Tensor Weight, Tensor Bias) WeightGradients(Tensor pictures, Tensor gradient, long padding)
    {
        var shape = WinogradShape.Of(pictures, gradient.shape[3], padding);
        int threads = (int)Math.Min(get_num_threads(), shape.Rows);
        Tensor products = zeros(threads, WinogradTiles.Points, shape.Filters, shape.Channels),
            biases = zeros(threads, shape.Filters),
            border = zeros(shape.Channels),
            weight = empty(shape.Filters, 3, 3, shape.Channels);
        float* from = pictures.Floats(),
            outputs = gradient.Floats(),
            zero = border.Floats(),
            sums = products.Floats();
        long atOnce = RowsAtOnce(shape);
        TorchThreads.For(
            threads,
            thread =>
            {
                using Tensor bias = biases[thread];
                long end = shape.Rows * (thread + 1) / threads,
                    size = shape.Filters * shape.Channels;
                for (long first = shape.Rows * thread / threads; first < end; first += atOnce)
                {
                    long rows = Math.Min(atOnce, end - first);
                    using var tiles = new WinogradPlanes(rows * shape.TilesInRow, shape.Channels);
                    using var gradients = new WinogradPlanes(rows * shape.TilesInRow, shape.Filters);
                    WinogradTiles.TransformInput(from, tiles, zero, shape, first, rows);
                    WinogradTiles.TransformGradient(outputs, gradients, shape, first, rows);
                    AddProducts(gradients, tiles, sums + (thread * WinogradTiles.Points * size), shape);
                    gradients.AddSums(5, bias.Floats()); // of the four gradients of each tile: A·y·Aᵀ in row 1, column 1
                }
            }
        );
        WinogradTiles.TransformWeightGradient(products.sum([0]).Floats(), weight.Floats(), shape);
        return (weight, biases.sum([0]));
    }

    /// <summary>Of each point the tiles' values, tiles × C, with the filters', C × F.</summary>
    private static void Multiply(WinogradPlanes tiles, WinogradPlanes filters, WinogradPlanes products, WinogradShape shape)
    {
        for (int point = 0; point < WinogradTiles.Points; point++)
        {
            MatrixProduct.Compute(
                new(tiles[point], row: shape.Channels, step: 1),
                new(filters[point], step: MatrixProduct.BlockColumns, block: MatrixProduct.BlockColumns * shape.Channels),
                products[point],
                tiles.Tiles,
                shape.Filters,
                shape.Channels,
                adds: false
            );
        }
    }

    /// <summary>Of each point the gradients, F × tiles, with the tiles' values, tiles × C; added to sums of F × C.</summary>
    private static void AddProducts(WinogradPlanes gradients, WinogradPlanes tiles, float* sums, WinogradShape shape)
    {
        for (int point = 0; point < WinogradTiles.Points; point++, sums += shape.Filters * shape.Channels)
        {
            MatrixProduct.Compute(
                new(gradients[point], row: 1, step: shape.Filters),
                new(tiles[point], step: shape.Channels, block: MatrixProduct.BlockColumns),
                sums,
                shape.Filters,
                shape.Channels,
                tiles.Tiles,
                adds: true
            );
        }
    }

    private static long RowsAtOnce(WinogradShape shape)
    {
        long bytes = WinogradTiles.Points * sizeof(float) * shape.TilesInRow * Math.Max(shape.Channels, shape.Filters);
        return Math.Clamp(Math.Max(StretchBytes / bytes, StretchTiles / shape.TilesInRow), 1, Math.Max(RowsAtMost(shape), 1));
    }

    /// <summary>Of a stretch: several threads have two each at least, so that none waits long for the others.</summary>
    private static long RowsAtMost(WinogradShape shape) =>
        get_num_threads() == 1 ? shape.Rows : shape.Rows / (2 * get_num_threads());

    private static Tensor ChannelsLast(Tensor tensor) => tensor.permute(0, 2, 3, 1).contiguous();

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        private const string Layer = nameof(Layer);

        public override string Name => nameof(WinogradConvolution);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (input, layer) = ((Tensor)vars[0], (Conv2d)vars[3]);
            ctx.save_data(Layer, layer);

            Tensor weight = layer.weight!.contiguous().clone(); // which the optimiser does not change
            ctx.save_for_backward([input, weight]);
            return Convolve(ChannelsLast(input), weight, rotates: false, layer.bias, layer.padding![0]).permute(0, 3, 1, 2);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            var layer = (Conv2d)ctx.get_data(Layer);
            return BackwardFailure.Keep(
                [true, true, layer.bias is not null, false],
                () =>
                    is_grad_enabled() // someone wants the gradients' gradients
                        ? SecondOrderGradients(ctx.get_saved_variables()[0], layer, grad_output)
                        : Gradients(ctx.get_saved_variables(), layer, grad_output)
            );
        }

        private static List<Tensor> Gradients(List<Tensor> saved, Conv2d layer, Tensor outputGradient)
        {
            using DisposeScope scope = NewDisposeScope();
            (Tensor input, Tensor weight, long padding) = (saved[0], saved[1], layer.padding![0]);
            Tensor gradient = ChannelsLast(outputGradient);
            (Tensor ofWeight, Tensor ofBias) = WeightGradients(ChannelsLast(input), gradient, padding);
            return
            [
                input.requires_grad
                    ? Convolve(gradient, weight, rotates: true, null, 2 - padding).permute(0, 3, 1, 2).MoveToOuterDisposeScope()
                    : null!,
                ofWeight.permute(0, 3, 1, 2).MoveToOuterDisposeScope(),
                layer.bias is null ? null! : ofBias.MoveToOuterDisposeScope(),
                null!, // of what is no tensor
            ];
        }

        private static List<Tensor> SecondOrderGradients(Tensor input, Conv2d layer, Tensor outputGradient) =>
            [
                .. SecondOrder.Gradients(
                    [nn.functional.conv2d(input, layer.weight!, layer.bias, padding: layer.padding)],
                    [outputGradient],
                    input,
                    layer.weight,
                    layer.bias
                ),
                null!,
            ];
    }
}

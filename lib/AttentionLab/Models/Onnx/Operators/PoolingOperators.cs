using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>Pooling over windows and over whole planes.</summary>
internal static class PoolingOperators
{
    public static OperatorFamily Family { get; } =
        new()
        {
            { "MaxPool", MaxPool },
            { "AveragePool", AveragePool },
            { "LpPool", LpPool },
            { "GlobalAveragePool", call => Global(call).mean(Spatial(call), keepdim: true) },
            { "GlobalMaxPool", call => Global(call).amax(Spatial(call), keepdim: true) },
            { "GlobalLpPool", GlobalLpPool },
        };

    private static Tensor MaxPool(OperatorCall call)
    {
        if (call.Node.Outputs.Count > 1 && call.Node.Outputs[1].Length > 0)
        {
            throw call.Broken("the positions of maxima, its second output, are not supported");
        }

        if (call.Int("storage_order", 0) != 0)
        {
            throw call.Broken("column-major storage is not supported");
        }

        Tensor x = Planes(call);
        long[] sides = x.shape[2..];
        (Window window, long[] output) = WindowOver(call, x);
        long[] padding = window.Before;
        bool isPaddedByTorch =
            padding.Zip(window.Kernel).All(axis => axis.First <= axis.Second / 2) && window.IsAsWithEqualEnds(sides, output);
        if (!isPaddedByTorch)
        {
            x = Padded(x, window, window.Hang(sides, output), double.NegativeInfinity);
            padding = new long[padding.Length];
        }

        return x.dim() switch
        {
            3 => functional.max_pool1d(x, window.Kernel[0], window.Strides[0], padding[0], window.Dilations[0]),
            4 => functional.max_pool2d(x, window.Kernel, window.Strides, padding, window.Dilations),
            _ => functional.max_pool3d(x, window.Kernel, window.Strides, padding, window.Dilations),
        };
    }

    /// <summary>
    /// The sum over each window, over the number of its elements: with padding counted, all that lie on padding, too, but not
    /// what hangs over the padded end.
    /// </summary>
    private static Tensor AveragePool(OperatorCall call)
    {
        bool counted = call.Int("count_include_pad", 0) != 0;
        Tensor x = Planes(call);
        (Window window, long[] output) = WindowOver(call, x);
        long[] hang = window.Hang(x.shape[2..], output);
        Tensor sums = Sums(Padded(x, window, hang, 0), window),
            ones = ones_like(x.detach()[..1, ..1]);
        Tensor weights = functional.pad(ones, window.ForPad(), value: counted ? 1 : 0);
        weights = hang.Any(each => each > 0)
            ? functional.pad(weights, [.. hang.Reverse().SelectMany(each => new[] { 0, each })])
            : weights;
        return sums / Sums(weights, window).clamp(min: 1);
    }

    private static Tensor LpPool(OperatorCall call)
    {
        double p = call.Int("p", 2);
        if (p < 1)
        {
            throw call.Broken($"its p is {p}; it is at least 1");
        }

        Tensor x = Planes(call);
        (Window window, long[] output) = WindowOver(call, x);
        x = Padded(x, window, window.Hang(x.shape[2..], output), 0);
        return Sums(x.abs().pow(p), window).pow(1 / p);
    }

    private static Tensor GlobalLpPool(OperatorCall call)
    {
        double p = call.Int("p", 2);
        return Global(call).abs().pow(p).sum(Spatial(call), keepdim: true).pow(1 / p);
    }

    /// <summary>The sums over windows: an average over as many ones as the window has, times their number.</summary>
    private static Tensor Sums(Tensor x, Window window)
    {
        if (window.Dilations.Any(each => each != 1))
        {
            return DilatedSums(x, window);
        }

        double elements = window.Kernel.Aggregate(1.0, (product, side) => product * side);
        return elements
            * (
                x.dim() switch
                {
                    3 => functional.avg_pool1d(x, window.Kernel[0], window.Strides[0], 0, false, true),
                    4 => functional.avg_pool2d(x, window.Kernel, window.Strides, [0, 0], false, true),
                    _ => functional.avg_pool3d(x, window.Kernel, window.Strides, [0, 0, 0], false, true),
                }
            );
    }

    private static Tensor DilatedSums(Tensor x, Window window)
    {
        for (int i = 0; i < window.Kernel.Length; i++)
        {
            long axis = i + 2,
                reach = (window.Dilations[i] * (window.Kernel[i] - 1)) + 1;
            x = x.unfold(axis, reach, window.Strides[i]).slice(-1, 0, reach, window.Dilations[i]).sum(-1);
        }

        return x;
    }

    private static (Window Window, long[] Output) WindowOver(OperatorCall call, Tensor x)
    {
        long[] sides = x.shape[2..];
        var window = Window.Of(call, sides, null);
        long[] output = window.Output(call, sides, call.Int("ceil_mode", 0) != 0);
        call.Bounded([x.shape[0], x.shape[1], .. sides.Select((side, i) => side + window.Before[i] + window.After[i])]);
        return (window, output);
    }

    private static Tensor Padded(Tensor x, Window window, long[] hang, double value)
    {
        long[] pad = window.ForPad(hang);
        return pad.Any(each => each > 0) ? functional.pad(x, pad, value: value) : x;
    }

    private static Tensor Planes(OperatorCall call)
    {
        Tensor x = call.Input();
        return x.dim() is >= 3 and <= 5 && x.numel() > 0 && x.is_floating_point()
            ? x
            : throw call.Broken(
                $"an input of {TensorInfo.Text(x.shape)} ({x.dtype}) cannot be pooled in one to three dimensions"
            );
    }

    private static Tensor Global(OperatorCall call) =>
        call.Input().dim() >= 3
            ? call.Input()
            : throw call.Broken($"an input of {TensorInfo.Text(call.Input().shape)} has no plane to pool");

    private static long[] Spatial(OperatorCall call) =>
        [.. Enumerable.Range(2, (int)call.Input().dim() - 2).Select(axis => (long)axis)];
}

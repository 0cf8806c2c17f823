using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>Enlarging, reducing and sampling pictures.</summary>
internal static class ResizingOperators
{
    public static OperatorFamily Family { get; } =
        new()
        {
            { "Resize", Resize },
            { "Upsample", Upsample },
            { "GridSample", GridSample },
        };

    /// <summary>Version 10 had neither a region nor sizes, and took places as <see cref="Upsample"/> does.</summary>
    private static Tensor Resize(OperatorCall call)
    {
        Tensor x = call.Input();
        if (call.Opset < 11)
        {
            return Scaled(call, x, call.Numbers(1), "asymmetric", "floor");
        }

        int[] axes = call.Ints("axes") is { } some
            ? [.. call.Axes(some, x.dim()).Select(axis => (int)axis)]
            : [.. Enumerable.Range(0, (int)x.dim())];
        double[]? scales = call.Numbers(2);
        long[]? sizes = call.Count > 3 ? call.Integers(3) : null;
        if ((scales?.Length ?? sizes?.Length) != axes.Length)
        {
            throw call.Broken($"it has {scales?.Length ?? sizes?.Length ?? 0} scales or sizes for {axes.Length} axes");
        }

        if (call.Text("keep_aspect_ratio_policy", "stretch") is not "stretch" and var policy)
        {
            throw call.Broken($"the policy '{policy}' is not supported");
        }

        for (int i = 0; i < axes.Length; i++)
        {
            long side = x.shape[axes[i]];
            double scale = scales?[i] ?? (double)sizes![i] / side;
            long size = scales is null ? sizes![i] : Scaled(call, side, scales[i]);
            x = AlongAxis(
                call,
                x,
                new ResizedAxis(axes[i], side, size, scale),
                call.Text("coordinate_transformation_mode", "half_pixel"),
                call.Text("nearest_mode", "round_prefer_floor")
            );
        }

        return x.alias();
    }

    private static Tensor Upsample(OperatorCall call) =>
        Scaled(
            call,
            call.Input(),
            call.Opset < 9 ? call.Floats("scales")?.Select(scale => (double)scale).ToArray() : call.Numbers(1),
            "asymmetric",
            "floor"
        );

    private static Tensor Scaled(OperatorCall call, Tensor x, double[]? scales, string places, string nearest)
    {
        if (scales?.Length != x.dim())
        {
            throw call.Broken($"it has {scales?.Length ?? 0} scales for {x.dim()} axes");
        }

        for (int axis = 0; axis < scales.Length; axis++)
        {
            long side = x.shape[axis];
            x = AlongAxis(call, x, new ResizedAxis(axis, side, Scaled(call, side, scales[axis]), scales[axis]), places, nearest);
        }

        return x.alias();
    }

    private static long Scaled(OperatorCall call, long side, double scale) =>
        Math.Floor(side * scale) is >= 0 and < int.MaxValue and var size
            ? (long)size
            : throw call.Broken($"it scales by {scale}");

    /// <summary>One axis at a time: each output element is a weighted sum of a few input elements.</summary>
    private static Tensor AlongAxis(OperatorCall call, Tensor x, ResizedAxis axis, string places, string nearest)
    {
        if (axis.Size == axis.Side && axis.Scale == 1)
        {
            return x;
        }

        if (axis.Side < 1 || axis.Size < 1 || !(axis.Scale > 0) || axis.Size > int.MaxValue)
        {
            throw call.Broken($"an axis of {axis.Side} elements cannot be brought to {axis.Size}");
        }

        call.Bounded([.. x.shape.Select((side, i) => i == axis.Axis ? axis.Size : side)]);
        Func<long, double> place = axis.Places(places) ?? throw call.Broken($"the coordinates '{places}' are not supported");
        (long[] Indices, double[] Weights)[] taps = call.Text("mode", "nearest") switch
        {
            "nearest" => [axis.Nearest(place, nearest) ?? throw call.Broken($"the mode '{nearest}' is not supported")],
            "linear" or "bilinear" or "trilinear" => axis.Filtered(call, place, ResizedAxis.Triangle, 1),
            "cubic" => axis.Filtered(call, place, ResizedAxis.Cubic(call.Float("cubic_coeff_a", -0.75)), 2),
            var mode => throw call.Broken($"the mode '{mode}' is not supported"),
        };
        long[] along = [axis.Size, .. Enumerable.Repeat(1L, (int)x.dim() - axis.Axis - 1)];
        Tensor? sum = null;
        foreach ((long[] indices, double[] weights) in taps)
        {
            Tensor picked = x.index_select(axis.Axis, tensor(indices, device: x.device));
            picked = taps.Length == 1 ? picked : picked * tensor(weights, dtype: x.dtype, device: x.device).reshape(along);
            sum = sum is null ? picked : sum + picked;
        }

        return sum!;
    }

    private static Tensor GridSample(OperatorCall call)
    {
        Tensor x = call.Input(),
            grid = call.Input(1);
        if (x.dim() is not (4 or 5) || grid.dim() != x.dim() || grid.shape[0] != x.shape[0] || grid.shape[^1] != x.dim() - 2)
        {
            throw call.Broken($"a grid of {TensorInfo.Text(grid.shape)} does not fit an input of {TensorInfo.Text(x.shape)}");
        }

        call.Bounded([x.shape[0], x.shape[1], .. grid.shape[1..^1]]);
        GridSampleMode mode = call.Text("mode", "bilinear") switch
        {
            "bilinear" or "linear" => GridSampleMode.Bilinear,
            "nearest" => GridSampleMode.Nearest,
            var other => throw call.Broken($"the mode '{other}' is not supported"),
        };
        GridSamplePaddingMode padding = call.Text("padding_mode", "zeros") switch
        {
            "zeros" => GridSamplePaddingMode.Zeros,
            "border" => GridSamplePaddingMode.Border,
            "reflection" => GridSamplePaddingMode.Reflection,
            var other => throw call.Broken($"the padding '{other}' is not supported"),
        };
        return functional.grid_sample(x, grid, mode, padding, call.Int("align_corners", 0) != 0);
    }
}

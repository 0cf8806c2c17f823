using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Sums, means and extremes over axes.</summary>
internal static class ReductionOperators
{
    public static OperatorFamily Family { get; } = Build();

    private static OperatorFamily Build()
    {
        var family = new OperatorFamily
        {
            { "ReduceMean", call => Over(call, 18, (x, axes, keep) => x.mean(axes, keep)) },
            { "ReduceSum", call => Over(call, 13, (x, axes, keep) => x.sum(axes, keep, x.dtype)) },
            { "ReduceMax", call => Over(call, 18, (x, axes, keep) => x.amax(axes, keep)) },
            { "ReduceMin", call => Over(call, 18, (x, axes, keep) => x.amin(axes, keep)) },
            { "ReduceProd", call => Over(call, 18, Product) },
            { "ReduceL1", call => Over(call, 18, (x, axes, keep) => x.abs().sum(axes, keep, x.dtype)) },
            { "ReduceL2", call => Over(call, 18, (x, axes, keep) => (x * x).sum(axes, keep, x.dtype).sqrt()) },
            { "ReduceSumSquare", call => Over(call, 18, (x, axes, keep) => (x * x).sum(axes, keep, x.dtype)) },
            { "ReduceLogSum", call => Over(call, 18, (x, axes, keep) => x.sum(axes, keep, x.dtype).log()) },
            { "ReduceLogSumExp", call => Over(call, 18, LogSumExp) },
            { "ArgMax", call => Position(call, (x, axis) => x.argmax(axis, keepdim: true)) },
            { "ArgMin", call => Position(call, (x, axis) => x.argmin(axis, keepdim: true)) },
            { "CumSum", CumulativeSum },
        };
        family.AddSeveral("TopK", Largest);
        return family;
    }

    /// <summary>The axes are an attribute before some version, an input from it on; none means all by default.</summary>
    private static Tensor Over(OperatorCall call, int since, Func<Tensor, long[], bool, Tensor> run)
    {
        Tensor x = call.Input();
        long[] axes = (call.Opset < since ? call.Ints("axes") : call.Integers(1)) ?? [];
        if (axes.Length == 0)
        {
            if (call.Opset >= since && call.Int("noop_with_empty_axes", 0) != 0)
            {
                return x.alias();
            }

            axes = [.. Enumerable.Range(0, (int)x.dim()).Select(axis => (long)axis)];
        }

        return run(x, call.Axes(axes, x.dim()), call.Int("keepdims", 1) != 0);
    }

    private static Tensor Product(Tensor x, long[] axes, bool keep)
    {
        foreach (long axis in axes.OrderDescending())
        {
            x = x.prod(axis, keep, x.dtype);
        }

        return axes.Length == 0 ? x.alias() : x;
    }

    private static Tensor LogSumExp(Tensor x, long[] axes, bool keep)
    {
        Tensor largest = x.detach().amax(axes, true);
        largest = where(largest.isfinite(), largest, zeros_like(largest));
        Tensor sum = (x - largest).exp().sum(axes, true).log() + largest;
        return keep ? sum : sum.sum(axes); // one element each: only the axes go
    }

    private static Tensor Position(OperatorCall call, Func<Tensor, long, Tensor> run)
    {
        Tensor x = call.Input();
        long axis = call.Axis(call.Int("axis", 0), x.dim());
        bool last = call.Int("select_last_index", 0) != 0;
        Tensor at = run(last ? x.flip(axis) : x, axis);
        at = last ? x.shape[axis] - 1 - at : at;
        return call.Int("keepdims", 1) != 0 ? at : at.squeeze(axis);
    }

    private static Tensor CumulativeSum(OperatorCall call)
    {
        Tensor x = call.Input();
        long axis = call.Axis(
            call.Integers(1) is [var named] ? named : throw call.Broken("its axis is not a single number"),
            x.dim()
        );
        bool backwards = call.Int("reverse", 0) != 0;
        x = backwards ? x.flip(axis) : x;
        Tensor sum = x.cumsum(axis, x.dtype);
        sum = call.Int("exclusive", 0) != 0 ? sum - x : sum;
        return backwards ? sum.flip(axis) : sum;
    }

    private static IEnumerable<Tensor> Largest(OperatorCall call)
    {
        Tensor x = call.Input();
        long axis = call.Axis(call.Int("axis", -1), x.dim());
        long[] count = call.Opset < 10 ? [call.Int("k", -1)] : call.Integers(1) ?? [];
        if (count is not [var k] || k < 0 || k > (x.dim() == 0 ? 1 : x.shape[axis]))
        {
            throw call.Broken(
                $"it asks for the {string.Join(", ", count)} largest of {TensorInfo.Text(x.shape)} along axis {axis}"
            );
        }

        bool largest = call.Int("largest", 1) != 0,
            sorted = call.Int("sorted", 1) != 0;
        (Tensor values, Tensor indices) = x.topk((int)k, (int)axis, largest, sorted);
        return [values, indices];
    }
}

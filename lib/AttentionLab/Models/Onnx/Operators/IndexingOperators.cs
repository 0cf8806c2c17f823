using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Elements by their places.</summary>
internal static class IndexingOperators
{
    public static OperatorFamily Family { get; } =
        new()
        {
            { "Gather", Gather },
            { "GatherElements", GatherElements },
            { "GatherND", GatherPlaces },
            { "ScatterElements", Scatter },
            { "Scatter", Scatter },
            { "ScatterND", ScatterPlaces },
            { "Slice", Slice },
            { "NonZero", call => call.Input().nonzero().t() },
            { "OneHot", OneHot },
            { "Compress", Compress },
        };

    private static Tensor Gather(OperatorCall call)
    {
        Tensor x = call.Input();
        long axis = call.Axis(call.Int("axis", 0), x.dim());
        Tensor indices = InRange(call, call.Input(1), x.shape[axis]);
        call.Bounded([.. x.shape[..(int)axis], .. indices.shape, .. x.shape[((int)axis + 1)..]]);
        return x.index_select(axis, indices.reshape(-1))
            .reshape([.. x.shape[..(int)axis], .. indices.shape, .. x.shape[((int)axis + 1)..]]);
    }

    private static Tensor GatherElements(OperatorCall call)
    {
        Tensor x = call.Input();
        long axis = call.Axis(call.Int("axis", 0), x.dim());
        return x.gather(axis, InRange(call, call.Input(1), x.shape[axis]));
    }

    private static Tensor GatherPlaces(OperatorCall call)
    {
        Tensor x = call.Input();
        int batch = (int)call.Int("batch_dims", 0);
        Tensor places = call.Input(1);
        int depth = places.dim() > 0 ? (int)places.shape[^1] : 0;
        if (batch < 0 || batch >= places.dim() || depth < 1 || batch + depth > x.dim())
        {
            throw call.Broken($"places of {TensorInfo.Text(places.shape)} do not fit an input of {TensorInfo.Text(x.shape)}");
        }

        Tensor[] index = Columns(call, places, x.shape[batch..], depth);
        Tensor[] all =
        [
            .. Enumerable
                .Range(0, batch)
                .Select(axis => arange(x.shape[axis]).reshape([-1, .. Enumerable.Repeat(1L, (int)index[0].dim() - axis - 1)])),
            .. index,
        ];
        return x.index(all);
    }

    private static Tensor Scatter(OperatorCall call)
    {
        Tensor x = call.Input();
        long axis = call.Axis(call.Int("axis", 0), x.dim());
        Tensor indices = InRange(call, call.Input(1), x.shape[axis]);
        return call.Text("reduction", "none") switch
        {
            "none" => x.scatter(axis, indices, call.Input(2)),
            "add" => x.scatter_add(axis, indices, call.Input(2)),
            var kind => throw call.Broken($"the reduction '{kind}' is not supported"),
        };
    }

    private static Tensor ScatterPlaces(OperatorCall call)
    {
        Tensor x = call.Input(),
            places = call.Input(1);
        string kind = call.Text("reduction", "none");
        int depth = places.dim() > 0 ? (int)places.shape[^1] : 0;
        if (depth < 1 || depth > x.dim() || kind is not ("none" or "add"))
        {
            throw call.Broken(
                $"places of {TensorInfo.Text(places.shape)} in {TensorInfo.Text(x.shape)} "
                    + $"with the reduction '{kind}' are not supported"
            );
        }

        Tensor[] index = Columns(call, places, x.shape, depth);
        return x.clone().index_put_(call.Input(2), index, accumulate: kind == "add");
    }

    /// <summary>The last axis of places, split: an index for each axis of the input.</summary>
    private static Tensor[] Columns(OperatorCall call, Tensor places, long[] sides, int depth) =>
        [.. Enumerable.Range(0, depth).Select(i => InRange(call, places.select(-1, i), sides[i]))];

    /// <summary>Indices from 0: negative ones count from the end.</summary>
    private static Tensor InRange(OperatorCall call, Tensor indices, long side)
    {
        Tensor whole = indices.to(ScalarType.Int64);
        if (whole.numel() > 0 && (whole.min().ToInt64() < -side || whole.max().ToInt64() >= side))
        {
            throw call.Broken(
                $"an index lies between {whole.min().ToInt64()} and {whole.max().ToInt64()}; the axis has {side} elements"
            );
        }

        return where(whole < 0, whole + side, whole);
    }

    private static Tensor Slice(OperatorCall call)
    {
        Tensor x = call.Input();
        bool old = call.Opset < 10;
        long[] starts = (old ? call.Ints("starts") : call.Integers(1)) ?? throw call.Broken("it has no starts"),
            ends = (old ? call.Ints("ends") : call.Integers(2)) ?? throw call.Broken("it has no ends");
        long[] axes =
            (old ? call.Ints("axes") : call.Integers(3)) ?? [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        long[] steps = (old ? null : call.Integers(4)) ?? [.. Enumerable.Repeat(1L, starts.Length)];
        axes = call.Axes(axes, x.dim());
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length || steps.Contains(0))
        {
            throw call.Broken("its starts, ends, axes and steps do not fit together");
        }

        Tensor sliced = x.alias();
        for (int i = 0; i < axes.Length; i++)
        {
            sliced = Along(sliced, axes[i], starts[i], ends[i], steps[i]);
        }

        return sliced;
    }

    private static Tensor Along(Tensor x, long axis, long start, long end, long step)
    {
        long side = x.shape[axis];
        long first = start < 0 ? Math.Max(start, -side) + side : start,
            last = end < 0 ? Math.Max(end, -side - 1) + side : end;
        if (step > 0)
        {
            first = Math.Min(first, side);
            last = Math.Clamp(last, first, side);
            return x.slice(axis, first, last, Math.Min(step, Math.Max(1, side)));
        }

        // Backwards: what lies between, turned round.
        first = Math.Clamp(first, -1, side - 1);
        last = Math.Clamp(last, -1, first);
        long stride = Math.Min(step == long.MinValue ? long.MaxValue : -step, Math.Max(1, side));
        return x.slice(axis, last + 1, first + 1, 1).flip(axis).slice(axis, 0, first - last, stride);
    }

    private static Tensor OneHot(OperatorCall call)
    {
        long depth =
            call.Integers(1) is [var given] && given is > 0 and < int.MaxValue
                ? given
                : throw call.Broken("its depth is not a positive number");
        Tensor indices = call.Input().to(ScalarType.Int64),
            values = call.Input(2);
        if (values.numel() != 2)
        {
            throw call.Broken("its values are not two");
        }

        long axis = call.Axis(call.Int("axis", -1), indices.dim() + 1);
        call.Bounded([.. indices.shape, depth]);
        Tensor hot =
            where(indices < 0, indices + depth, indices).unsqueeze(axis)
            == arange(depth).reshape([-1, .. Enumerable.Repeat(1L, (int)(indices.dim() - axis))]);
        return where(hot, values.reshape(-1)[1], values.reshape(-1)[0]);
    }

    private static Tensor Compress(OperatorCall call)
    {
        Tensor x = call.Input(),
            condition = call.Input(1).to(ScalarType.Bool);
        x = call.Has("axis") ? x : x.reshape(-1);
        long axis = call.Axis(call.Int("axis", 0), x.dim());
        Tensor places = condition.nonzero().reshape(-1);
        return x.index_select(axis, InRange(call, places, x.shape[axis]));
    }
}

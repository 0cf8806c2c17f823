using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>The same elements in another shape or order.</summary>
internal static class ShapeOperators
{
    public static OperatorFamily Family { get; } = Build();

    private static OperatorFamily Build()
    {
        var family = new OperatorFamily
        {
            { "Shape", Shape },
            { "Size", call => tensor(call.Input().numel()) },
            { "Reshape", Reshape },
            { "Flatten", Flatten },
            { "Squeeze", Squeeze },
            { "Unsqueeze", Unsqueeze },
            { "Transpose", Transpose },
            { "Expand", Expand },
            { "Tile", Tile },
            { "Concat", Concat },
            { "DepthToSpace", DepthToSpace },
            { "SpaceToDepth", SpaceToDepth },
            { "Pad", Pad },
            { "Cast", Cast },
            { "CastLike", call => call.Input().to(call.Input(1).dtype) },
            { "Trilu", Triangle },
            { "ReverseSequence", ReverseSequence },
        };
        family.AddSeveral("Split", Split);
        return family;
    }

    /// <summary>A tensor as a matrix: axes before one, and axes from it on.</summary>
    public static Tensor Matrix(Tensor x, long axis)
    {
        long rows = x.shape[..(int)axis].Aggregate(1L, (product, side) => product * side);
        return x.reshape(rows, rows == 0 || x.numel() == 0 ? x.shape[(int)axis..].Aggregate(1L, (p, s) => p * s) : -1);
    }

    /// <summary>The lengths of a split, checked against the axis.</summary>
    public static Tensor[] Parts(OperatorCall call, Tensor x, long axis, long[] lengths)
    {
        if (lengths.Any(length => length < 0) || lengths.Sum() != x.shape[axis])
        {
            throw call.Broken($"the {x.shape[axis]} elements of axis {axis} cannot be split into {string.Join(", ", lengths)}");
        }

        long start = 0;
        return [.. lengths.Select(length => x.narrow(axis, (start += length) - length, length))];
    }

    private static Tensor Shape(OperatorCall call)
    {
        long[] shape = call.Input().shape;
        long start = Math.Clamp(Position(call.Int("start", 0)), 0, shape.Length),
            end = Math.Clamp(Position(call.Int("end", shape.Length)), start, shape.Length);
        return tensor(shape[(int)start..(int)end], ScalarType.Int64);

        long Position(long place) => place < 0 ? place + shape.Length : place;
    }

    private static Tensor Reshape(OperatorCall call)
    {
        Tensor x = call.Input();
        long[] wanted = call.Integers(1) ?? throw call.Broken("it has no shape");
        bool zeroIsZero = call.Int("allowzero", 0) != 0;
        long[] shape =
        [
            .. wanted.Select(
                (side, i) =>
                    side != 0 || zeroIsZero ? side
                    : i < x.dim() ? x.shape[i]
                    : throw call.Broken($"its shape {string.Join(", ", wanted)} takes over axis {i}, and the input has {x.dim()}")
            ),
        ];
        // Of a shape with one side left open, another than that of the pictures may be the open one.
        if (call is { Batch.IsFreed: true } && (call.IsConstant(1) || shape.Contains(-1) || !Fits(x, shape)))
        {
            shape = call.Batch.Reshaped(call.Node, x.shape) ?? shape;
        }

        Tensor reshaped = Fits(x, shape)
            ? x.reshape(shape)
            : throw call.Broken($"{TensorInfo.Text(x.shape)} cannot take the shape {string.Join('×', wanted)}");
        if (call is { Batch.IsFreed: false })
        {
            call.Batch.Note(call.Node, x.shape, reshaped.shape);
        }

        return reshaped;
    }

    private static bool Fits(Tensor x, long[] shape)
    {
        double known = shape.Where(side => side != -1).Aggregate(1.0, (product, side) => product * side);
        return shape.Count(side => side == -1) switch
        {
            0 => shape.All(side => side >= 0) && known == x.numel(),
            1 => shape.All(side => side >= -1) && known > 0 && x.numel() % known == 0,
            _ => false,
        };
    }

    private static Tensor Flatten(OperatorCall call)
    {
        Tensor x = call.Input();
        long axis = call.Int("axis", 1);
        return Matrix(x, axis == x.dim() ? axis : call.Axis(axis, x.dim()));
    }

    private static Tensor Squeeze(OperatorCall call)
    {
        Tensor x = call.Input();
        long[]? given = call.Opset < 13 ? call.Ints("axes") : call.Integers(1);
        if (given is null)
        {
            return x.squeeze().alias();
        }

        long[] axes = call.Axes(given, x.dim());
        return axes.All(axis => x.shape[axis] == 1)
            ? x.reshape([.. x.shape.Where((_, i) => !axes.Contains(i))])
            : throw call.Broken($"it removes axes of {TensorInfo.Text(x.shape)} that do not have one element");
    }

    private static Tensor Unsqueeze(OperatorCall call)
    {
        Tensor x = call.Input();
        long[] given = (call.Opset < 13 ? call.Ints("axes") : call.Integers(1)) ?? throw call.Broken("it has no axes");
        long[] axes = call.Axes(given, x.dim() + given.Length);
        var sides = new Queue<long>(x.shape);
        return x.reshape([
            .. Enumerable.Range(0, (int)x.dim() + axes.Length).Select(i => axes.Contains(i) ? 1 : sides.Dequeue()),
        ]);
    }

    private static Tensor Transpose(OperatorCall call)
    {
        Tensor x = call.Input();
        long[] order = call.Ints("perm") ?? [.. Enumerable.Range(0, (int)x.dim()).Reverse().Select(axis => (long)axis)];
        return order.Order().SequenceEqual(Enumerable.Range(0, (int)x.dim()).Select(axis => (long)axis))
            ? x.permute(order)
            : throw call.Broken($"the order {string.Join(", ", order)} does not name each of {x.dim()} axes once");
    }

    private static Tensor Expand(OperatorCall call)
    {
        Tensor x = call.Input();
        long[] wanted = call.Integers(1) ?? throw call.Broken("it has no shape");
        if (call is { Batch.IsFreed: true })
        {
            wanted = call.Batch.Expanded(call.Node, x.shape, wanted);
        }

        Tensor expanded = x.expand(call.Broadcast(x.shape, wanted)).alias();
        if (call is { Batch.IsFreed: false })
        {
            call.Batch.Note(call.Node, x.shape, expanded.shape);
        }

        return expanded;
    }

    private static Tensor Tile(OperatorCall call)
    {
        Tensor x = call.Input();
        long[] repeats = Window.Numbers(call, "repeats", call.Integers(1), (int)x.dim(), 0, null);
        call.Bounded([.. x.shape.Zip(repeats, (side, times) => side * times)]);
        return x.repeat(repeats);
    }

    /// <summary>Where a fixed batch was freed, a constant for one picture is laid beside every picture.</summary>
    private static Tensor Concat(OperatorCall call)
    {
        Tensor[] all = call.All();
        if (all.Length == 0)
        {
            throw call.Broken("it has no input");
        }

        long axis = call.Axis(call.Int("axis", call.Opset < 4 ? 1 : 0), all[0].dim());
        if (call is { Batch.IsFreed: true } && axis != 0)
        {
            long most = all.Max(each => each.shape[0]);
            all = [.. all.Select(each => each.shape[0] == 1 && most > 1 ? each.expand([most, .. each.shape[1..]]) : each)];
        }

        call.Bounded([all.Sum(each => each.numel())]);
        return all.All(each => each.dtype == all[0].dtype) ? cat(all, axis) : throw call.Broken("its inputs have several types");
    }

    private static IEnumerable<Tensor> Split(OperatorCall call)
    {
        Tensor x = call.Input();
        long axis = call.Axis(call.Int("axis", 0), x.dim());
        long[]? lengths = call.Opset < 13 ? call.Ints("split") ?? (call.Count > 1 ? call.Integers(1) : null) : call.Integers(1);
        long count = call.Has("num_outputs") ? call.Int("num_outputs", 0) : call.Node.Outputs.Count;
        if (lengths is null && (count < 1 || count > x.shape[axis]))
        {
            throw call.Broken($"the {x.shape[axis]} elements of axis {axis} cannot be split into {count} parts");
        }

        long part = lengths is null ? (x.shape[axis] + count - 1) / count : 0;
        lengths ??= [.. Enumerable.Range(0, (int)count).Select(i => Math.Clamp(x.shape[axis] - (i * part), 0, part))];
        return Parts(call, x, axis, lengths);
    }

    private static Tensor DepthToSpace(OperatorCall call)
    {
        (Tensor x, long b) = Blocks(call);
        long channels = x.shape[1] / (b * b);
        if (x.shape[1] % (b * b) != 0)
        {
            throw call.Broken($"{x.shape[1]} channels are not a multiple of {b}²");
        }

        bool depthFirst = call.Text("mode", "DCR") == "DCR";
        Tensor blocks = depthFirst
            ? x.reshape(x.shape[0], b, b, channels, x.shape[2], x.shape[3]).permute(0, 3, 4, 1, 5, 2)
            : x.reshape(x.shape[0], channels, b, b, x.shape[2], x.shape[3]).permute(0, 1, 4, 2, 5, 3);
        return blocks.reshape(x.shape[0], channels, x.shape[2] * b, x.shape[3] * b);
    }

    private static Tensor SpaceToDepth(OperatorCall call)
    {
        (Tensor x, long b) = Blocks(call);
        if (x.shape[2] % b != 0 || x.shape[3] % b != 0)
        {
            throw call.Broken($"{x.shape[2]}×{x.shape[3]} are not multiples of {b}");
        }

        return x.reshape(x.shape[0], x.shape[1], x.shape[2] / b, b, x.shape[3] / b, b)
            .permute(0, 3, 5, 1, 2, 4)
            .reshape(x.shape[0], x.shape[1] * b * b, x.shape[2] / b, x.shape[3] / b);
    }

    private static (Tensor Input, long Side) Blocks(OperatorCall call)
    {
        Tensor x = call.Input();
        long side = call.Int("blocksize", 0);
        return x.dim() == 4 && side is > 0 and < 4096
            ? (x, side)
            : throw call.Broken($"an input of {TensorInfo.Text(x.shape)} has no blocks of {side}×{side}");
    }

    private static Tensor Pad(OperatorCall call)
    {
        Tensor x = call.Input();
        int dimensions = (int)x.dim();
        long[] given = (call.Opset < 11 ? call.Ints("pads") : call.Integers(1)) ?? throw call.Broken("it has no pads");
        long[] axes = call.Integers(3) is { } some
            ? call.Axes(some, dimensions)
            : [.. Enumerable.Range(0, dimensions).Select(axis => (long)axis)];
        if (given.Length != 2 * axes.Length || given.Any(pad => Math.Abs(pad) > int.MaxValue))
        {
            throw call.Broken($"it has {given.Length} pads for {axes.Length} axes");
        }

        double value = call.Opset < 11 ? call.Float("value", 0) : call.Numbers(2)?[0] ?? 0;
        var pads = new (long Before, long After)[dimensions];
        for (int i = 0; i < axes.Length; i++)
        {
            pads[axes[i]] = (given[i], given[i + axes.Length]);
        }

        for (int axis = 0; axis < dimensions; axis++)
        {
            // Negative padding cuts off, whatever the mode.
            long cut = Math.Max(0, -pads[axis].Before),
                length = x.shape[axis] - cut - Math.Max(0, -pads[axis].After);
            x = length >= 0 ? x.narrow(axis, cut, length) : throw call.Broken("its padding cuts off more than there is");
            pads[axis] = (Math.Max(0, pads[axis].Before), Math.Max(0, pads[axis].After));
        }

        call.Bounded([.. x.shape.Select((side, i) => side + pads[i].Before + pads[i].After)]);
        return call.Text("mode", "constant") switch
        {
            "constant" => functional.pad(x, [.. pads.Reverse().SelectMany(pad => new[] { pad.Before, pad.After })], value: value),
            var mode => pads.Select((pad, axis) => (pad, axis)).Aggregate(x, (y, at) => Around(call, y, at.axis, at.pad, mode)),
        };
    }

    /// <summary>Padding from the tensor itself: for each place along an axis, the index that it repeats.</summary>
    private static Tensor Around(OperatorCall call, Tensor x, long axis, (long Before, long After) pad, string mode)
    {
        long side = x.shape[axis];
        if (pad is (0, 0))
        {
            return x.alias();
        }

        long least = mode == "reflect" ? 2 : 1;
        if (side < least || mode is not ("reflect" or "edge" or "wrap"))
        {
            throw call.Broken($"{side} elements cannot be padded in the mode '{mode}'");
        }

        long[] indices =
        [
            .. Enumerable
                .Range(0, checked((int)(side + pad.Before + pad.After)))
                .Select(place =>
                    mode switch
                    {
                        "edge" => Math.Clamp(place - pad.Before, 0, side - 1),
                        "wrap" => (((place - pad.Before) % side) + side) % side,
                        _ => Reflected(place - pad.Before, side),
                    }
                ),
        ];
        return x.index_select(axis, tensor(indices, device: x.device));
    }

    private static long Reflected(long place, long side)
    {
        long period = 2 * (side - 1),
            within = ((place % period) + period) % period;
        return Math.Min(within, period - within);
    }

    private static Tensor Cast(OperatorCall call)
    {
        long type = call.Int("to", 0);
        return OnnxElementTypes.ToTorch(type) is { } to
            ? call.Input().to(to).alias()
            : throw call.Broken($"it casts to {OnnxElementTypes.NameOf(type)}, which is not supported");
    }

    private static Tensor Triangle(OperatorCall call)
    {
        Tensor x = call.Input();
        long diagonal = call.Integers(1) is [var given] ? Math.Clamp(given, -int.MaxValue, int.MaxValue) : 0;
        return x.dim() < 2 ? throw call.Broken("it is asked for a triangle of a vector")
            : call.Int("upper", 1) != 0 ? x.triu(diagonal)
            : x.tril(diagonal);
    }

    private static Tensor ReverseSequence(OperatorCall call)
    {
        Tensor x = call.Input();
        long time = call.Axis(call.Int("time_axis", 0), x.dim()),
            batch = call.Axis(call.Int("batch_axis", 1), x.dim());
        long[] lengths = call.Integers(1) ?? throw call.Broken("it has no lengths");
        if (time == batch || lengths.Length != x.shape[batch] || lengths.Any(length => length < 0 || length > x.shape[time]))
        {
            throw call.Broken("its lengths do not fit the input");
        }

        return cat(
            [
                .. lengths.Select(
                    (length, i) =>
                    {
                        Tensor one = x.narrow(batch, i, 1);
                        return cat(
                            [one.narrow(time, 0, length).flip(time), one.narrow(time, length, x.shape[time] - length)],
                            time
                        );
                    }
                ),
            ],
            batch
        );
    }
}

namespace AttentionLab.Models;

/// <summary>Where the window of a convolution or a pooling goes: sides, steps and padding for each spatial axis.</summary>
/// <param name="Kernel">Sides of the window.</param>
/// <param name="Strides">Steps.</param>
/// <param name="Dilations">Distances between the window's elements.</param>
/// <param name="Before">Padding at the axes' begins.</param>
/// <param name="After">Padding at the axes' ends.</param>
internal sealed record Window(long[] Kernel, long[] Strides, long[] Dilations, long[] Before, long[] After)
{
    private const long Most = 1 << 20;

    /// <summary>The node's window over the spatial axes of an input.</summary>
    /// <param name="call">The node.</param>
    /// <param name="input">Sides of the spatial axes.</param>
    /// <param name="kernel">Sides of the window: of the weights, or an attribute.</param>
    /// <exception cref="InvalidDataException">Some number is out of range, or their count does not fit.</exception>
    public static Window Of(OperatorCall call, long[] input, long[]? kernel)
    {
        int axes = input.Length;
        long[] sides = Numbers(call, "kernel_shape", kernel ?? call.Ints("kernel_shape"), axes, 1, null),
            strides = Numbers(call, "strides", call.Ints("strides"), axes, 1, 1),
            dilations = Numbers(call, "dilations", call.Ints("dilations"), axes, 1, 1);
        string automatic = call.Text("auto_pad", "NOTSET");
        if (automatic is "SAME_UPPER" or "SAME_LOWER")
        {
            long[] all =
            [
                .. Enumerable
                    .Range(0, axes)
                    .Select(i =>
                        Math.Max(
                            0,
                            (((input[i] + strides[i] - 1) / strides[i] - 1) * strides[i])
                                + (dilations[i] * (sides[i] - 1))
                                + 1
                                - input[i]
                        )
                    ),
            ];
            long[] less = [.. all.Select(pad => pad / 2)],
                more = [.. all.Select(pad => pad - (pad / 2))];
            return automatic == "SAME_UPPER"
                ? new Window(sides, strides, dilations, less, more)
                : new Window(sides, strides, dilations, more, less);
        }

        long[] pads = automatic == "VALID" ? new long[2 * axes] : Numbers(call, "pads", call.Ints("pads"), 2 * axes, 0, 0);
        return new Window(sides, strides, dilations, pads[..axes], pads[axes..]);
    }

    /// <summary>A node's list of positive numbers, one for each axis.</summary>
    public static long[] Numbers(OperatorCall call, string name, long[]? given, int count, long least, long? missing)
    {
        if (given is null)
        {
            return missing is { } value ? [.. Enumerable.Repeat(value, count)] : throw call.Broken($"it has no {name}");
        }

        return given.Length == count && given.All(each => each >= least && each <= Most)
            ? given
            : throw call.Broken(
                $"its {name} are {string.Join(", ", given)}; for this input they are {count} numbers from {least} to {Most}"
            );
    }

    /// <summary>The sides of the output; with <paramref name="ceiling"/> a window may hang over the end.</summary>
    /// <exception cref="InvalidDataException">The window is larger than the padded input.</exception>
    public long[] Output(OperatorCall call, long[] input, bool ceiling = false) =>
        [
            .. input.Select(
                (side, i) =>
                {
                    long room = side + Before[i] + After[i] - (Dilations[i] * (Kernel[i] - 1)) - 1;
                    if (room < 0)
                    {
                        throw call.Broken($"its window of {Kernel[i]} is larger than the {side} elements that go in");
                    }

                    long steps = ceiling ? (room + Strides[i] - 1) / Strides[i] : room / Strides[i];

                    // A window may not begin in the padding behind the end.
                    return ceiling && steps * Strides[i] >= side + Before[i] ? steps : steps + 1;
                }
            ),
        ];

    /// <summary>How far the last window of each axis hangs over the padded end, as it may where sides are rounded up.</summary>
    public long[] Hang(long[] input, long[] output) =>
        [
            .. output.Select(
                (side, i) =>
                    Math.Max(
                        0,
                        ((side - 1) * Strides[i]) + (Dilations[i] * (Kernel[i] - 1)) + 1 - (input[i] + Before[i] + After[i])
                    )
            ),
        ];

    /// <summary>
    /// Whether the same windows come of <see cref="Before"/> at both ends of each axis: torch's layers pad both ends alike, and
    /// padding a copy costs as much as a pooling. At a step of two, the last element of padding is often in no window.
    /// </summary>
    /// <param name="input">Sides of the spatial axes.</param>
    /// <param name="output">How many windows each axis has.</param>
    public bool IsAsWithEqualEnds(long[] input, long[] output) =>
        Enumerable
            .Range(0, input.Length)
            .All(i =>
            {
                long room = input[i] + (2 * Before[i]) - (Dilations[i] * (Kernel[i] - 1)) - 1;
                return room >= 0 && (room / Strides[i]) + 1 == output[i];
            });

    /// <summary>The padding as torch's <c>pad</c> takes it: the last axis first, before and after.</summary>
    public long[] ForPad(IReadOnlyList<long>? more = null) =>
        [.. Enumerable.Range(0, Before.Length).Reverse().SelectMany(i => new[] { Before[i], After[i] + (more?[i] ?? 0) })];
}

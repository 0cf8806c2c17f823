namespace AttentionLab.Models;

/// <summary>An axis that gets another length: which input elements make an output element, and how much of each.</summary>
/// <param name="Axis">Which axis it is.</param>
/// <param name="Side">Elements that go in.</param>
/// <param name="Size">Elements that come out.</param>
/// <param name="Scale">The factor that the node names; sizes are rounded, it is not.</param>
/// <remarks>https://onnx.ai/onnx/operators/onnx__Resize.html.</remarks>
internal sealed record ResizedAxis(int Axis, long Side, long Size, double Scale)
{
    /// <summary>
    /// Where an output element lies among the input's; null for a rule that is not known. In float32, as other runtimes compute
    /// it: the nearest element depends on the last digit.
    /// </summary>
    public Func<long, double>? Places(string rule)
    {
        float scale = (float)Scale,
            symmetric = Size / (scale * Side),
            offset = Side / 2f * (1 - symmetric);
        return rule switch
        {
            "half_pixel" => i => ((i + 0.5f) / scale) - 0.5f,
            "half_pixel_symmetric" => i => offset + ((i + 0.5f) / scale) - 0.5f,
            "pytorch_half_pixel" => i => Size > 1 ? ((i + 0.5f) / scale) - 0.5f : 0,
            "align_corners" => i => Size > 1 ? (float)i * (Side - 1) / (Size - 1) : 0,
            "asymmetric" => i => i / scale,
            "tf_half_pixel_for_nn" => i => (i + 0.5f) / scale,
            _ => null,
        };
    }

    /// <summary>The nearest input elements; null for a rounding that is not known.</summary>
    public (long[] Indices, double[] Weights)? Nearest(Func<long, double> place, string rounding)
    {
        Func<double, double>? round = rounding switch
        {
            "round_prefer_floor" => x => Math.Ceiling(x - 0.5),
            "round_prefer_ceil" => x => Math.Floor(x + 0.5),
            "floor" => Math.Floor,
            "ceil" => Math.Ceiling,
            _ => null,
        };
        return round is null ? null : ([.. Outputs.Select(i => Inside(round(place(i))))], []);
    }

    /// <summary>Weighted sums: one entry for each neighbour, over all output elements.</summary>
    /// <param name="call">The node.</param>
    /// <param name="place">Where output elements lie.</param>
    /// <param name="filter">The weight at a distance.</param>
    /// <param name="reach">The distance where the filter ends.</param>
    public (long[] Indices, double[] Weights)[] Filtered(
        OperatorCall call,
        Func<long, double> place,
        Func<double, double> filter,
        int reach
    )
    {
        // Reduced with anti-aliasing, the filter is as much wider as the picture becomes smaller.
        double stretch = call.Int("antialias", 0) != 0 && Scale < 1 ? 1 / Scale : 1;
        int neighbours = (int)Math.Min(Math.Ceiling(reach * stretch) * 2, int.MaxValue / 2) + (stretch > 1 ? 1 : 0);
        if (neighbours > 4096)
        {
            throw call.Broken($"it reduces {Side} elements to {Size} with anti-aliasing, which is too far");
        }

        bool excluding = call.Int("exclude_outside", 0) != 0 || stretch > 1;
        var taps = new (long[] Indices, double[] Weights)[neighbours];
        for (int k = 0; k < neighbours; k++)
        {
            taps[k] = (new long[Size], new double[Size]);
        }

        foreach (long i in Outputs)
        {
            double at = place(i),
                first = Math.Floor(at) - (neighbours / 2) + (neighbours % 2 == 0 ? 1 : 0),
                sum = 0;
            for (int k = 0; k < neighbours; k++)
            {
                double weight = filter((first + k - at) / stretch);
                weight = excluding && (first + k < 0 || first + k >= Side) ? 0 : weight;
                taps[k].Indices[i] = Inside(first + k);
                taps[k].Weights[i] = weight;
                sum += weight;
            }

            for (int k = 0; k < neighbours && (excluding || stretch > 1) && sum != 0; k++)
            {
                taps[k].Weights[i] /= sum;
            }
        }

        return taps;
    }

    /// <summary>The filter of linear interpolation.</summary>
    public static double Triangle(double distance) => Math.Max(0, 1 - Math.Abs(distance));

    /// <summary>Keys's cubic filter.</summary>
    /// <param name="a">Its slope at the first neighbour.</param>
    public static Func<double, double> Cubic(double a) =>
        distance =>
            Math.Abs(distance) switch
            {
                <= 1 and var d => (((a + 2) * d - (a + 3)) * d * d) + 1,
                < 2 and var d => (((a * d) - (5 * a)) * d + (8 * a)) * d - (4 * a),
                _ => 0,
            };

    private IEnumerable<long> Outputs => Enumerable.Range(0, checked((int)Size)).Select(i => (long)i);

    private long Inside(double index) => (long)Math.Clamp(index, 0, Side - 1);
}

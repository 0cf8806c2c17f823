using AttentionLab.Models;
using CsCheck;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models.Onnx;

/// <summary>ONNX Runtime as a judge: the same files, the same pictures.</summary>
[Trait("Kind", "Numeric")]
public class OnnxRuntimeTests
{
    [Theory]
    [MemberData(nameof(OnnxFamilyTests.Families), MemberType = typeof(OnnxFamilyTests))]
    public void Logits_are_those_of_ONNX_Runtime(string family)
    {
        string folder = Fixture.Shared("parity/onnx"),
            path = Path.Combine(folder, $"{family}.onnx");
        using Tensor input = Safetensors.Load(Path.Combine(folder, $"{family}.safetensors"))["input"];
        using OnnxNetwork network = OnnxNetwork.Load(path);
        using Tensor actual = network.call(input),
            expected = Run(File.ReadAllBytes(path), "input", input);

        // As in OnnxFamilyTests: some twenty parts of up to a thousand additions in a row.
        Fixture.AssertClose(expected, actual.detach(), 20 * Tolerance.BetweenFloat32(1000), family);
    }

    [Fact]
    public void A_hand_made_network_is_what_ONNX_Runtime_takes_it_for()
    {
        using OnnxNetwork network = OnnxNetwork.Read(OnnxNetworkTests.Small(), null);
        using Tensor input = tensor(new float[] { 1, 2, 3, 4 }, [1, 1, 2, 2]),
            expected = Run(OnnxNetworkTests.Small(), "x", input),
            actual = network.call(input);

        Assert.Equal(expected.data<float>().ToArray(), actual.data<float>().ToArray());
    }

    /// <summary>
    /// Attention as torch.nn.MultiheadAttention exports it for one picture: between its parts the pictures lie at the second axis,
    /// in front of the heads, and behind the tokens of a flattened side. Beside it a vector that a shape widens.
    /// </summary>
    internal static byte[] AttentionOfOnePicture() =>
        new OnnxWriter(13)
            .Input("x", 1, 4, 1, 3)
            .Output("y", 1, 4)
            .Integers("tokens", 1, 4, 3)
            .Integers("heads", 3, 2, 2)
            .Integers("flat", 3, 4)
            .Integers("apart", 3, -1, 4)
            .Integers("wide", 1, 3, 4)
            .Integers("axes", 1)
            .Floats("w", [4, 4], [.. Enumerable.Range(0, 16).Select(i => 0.3f * MathF.Sin(i))])
            .Node("Reshape", "/tokens", ["x", "tokens"], ["a"])
            .Node("Transpose", "/first", ["a"], ["b"], attributes: [("perm", new long[] { 2, 0, 1 })])
            .Node("Reshape", "/heads", ["b", "heads"], ["c"])
            .Node("Transpose", "/query", ["c"], ["q"], attributes: [("perm", new long[] { 1, 0, 2 })])
            .Node("Transpose", "/key", ["c"], ["k"], attributes: [("perm", new long[] { 1, 2, 0 })])
            .Node("MatMul", "/scores", ["q", "k"], ["s"])
            .Node("Softmax", "/softmax", ["s"], ["p"], attributes: [("axis", -1)])
            .Node("MatMul", "/values", ["p", "q"], ["v"])
            .Node("Transpose", "/back", ["v"], ["t"], attributes: [("perm", new long[] { 1, 0, 2 })])
            .Node("Reshape", "/flat", ["t", "flat"], ["f"])
            .Node("MatMul", "/proj", ["f", "w"], ["g"])
            .Node("Reshape", "/apart", ["g", "apart"], ["h"])
            .Node("Transpose", "/last", ["h"], ["i"], attributes: [("perm", new long[] { 1, 0, 2 })])
            .Node("ReduceMean", "/mean", ["i"], ["m"], attributes: [("axes", new long[] { 1 }), ("keepdims", 1)])
            .Node("Expand", "/wide", ["m", "wide"], ["e"])
            .Node("Mul", "/weigh", ["e", "i"], ["u"])
            .Node("ReduceSum", "/sum", ["u", "axes"], ["y"], attributes: [("keepdims", 0)])
            .ToArray();

    [Fact]
    public void A_fixed_batch_is_freed_where_pictures_lie_at_other_axes_than_the_first()
    {
        byte[] file = AttentionOfOnePicture();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);
        using Tensor input = arange(36, dtype: ScalarType.Float32).mul(0.7f).sin().reshape(3, 4, 1, 3),
            together = network.call(input),
            again = network.call(input[..2]);

        Assert.Null(network.Batch);
        for (int picture = 0; picture < 3; picture++)
        {
            using Tensor expected = Run(file, "x", input[picture..(picture + 1)]);
            Fixture.AssertClose(
                expected,
                together[picture..(picture + 1)].detach(),
                Tolerance.Rounding(64),
                $"picture {picture}"
            );
            if (picture < 2)
            {
                Fixture.AssertClose(expected, again[picture..(picture + 1)].detach(), Tolerance.Rounding(64), "of two");
            }
        }
    }

    public static TheoryData<string, int, string, long[], object[]> Cases
    {
        get
        {
            var cases = new TheoryData<string, int, string, long[], object[]>();
            long[] plane = [2, 4, 5, 6],
                large = [1, 2, 7, 9];
            long[] window = [3, 2],
                steps = [2, 3],
                pads = [1, 0, 2, 1];
            Add("Softmax", 11, plane, "axis", 2);
            Add("Softmax", 13, plane, "axis", 1);
            Add("LogSoftmax", 12, plane);
            Add("Hardmax", 13, plane, "axis", -2);
            Add("Elu", 13, plane, "alpha", 0.7f);
            Add("Celu", 13, plane, "alpha", 0.7f);
            Add("Selu", 13, plane);
            Add("ThresholdedRelu", 13, plane, "alpha", 0.3f);
            Add("HardSigmoid", 13, plane, "alpha", 0.3f, "beta", 0.4f);
            Add("HardSwish", 14, plane);
            Add("Mish", 18, plane);
            Add("Gelu", 20, plane);
            Add("Gelu", 20, plane, "approximate", "tanh");
            Add("Softplus", 13, plane);
            Add("Softsign", 13, plane);
            Add("Erf", 13, plane);
            Add("Round", 13, plane);
            Add("Shrink", 13, plane, "bias", 0.2f, "lambd", 0.4f);
            Add("LRN", 13, plane, "size", 3, "alpha", 0.5f, "beta", 0.6f, "bias", 1.5f);
            Add("LpNormalization", 13, plane, "axis", 1, "p", 1);
            Add("MeanVarianceNormalization", 13, plane);
            Add("GlobalMaxPool", 13, plane);
            Add("GlobalLpPool", 13, plane, "p", 3);
            Add("Flatten", 13, plane, "axis", 3);
            Add("Flatten", 13, plane, "axis", 0);
            Add("Transpose", 13, plane);
            Add("SpaceToDepth", 13, (long[])[2, 3, 4, 6], "blocksize", 2);
            Add("DepthToSpace", 13, (long[])[2, 8, 2, 3], "blocksize", 2, "mode", "CRD");
            Add("DepthToSpace", 13, (long[])[2, 8, 2, 3], "blocksize", 2, "mode", "DCR");
            Add("ReduceMean", 13, plane, "axes", (long[])[1, -1], "keepdims", 0);
            Add("ReduceL2", 13, plane, "axes", (long[])[2]);
            Add("ReduceLogSumExp", 13, plane, "axes", (long[])[2, 3]);
            Add("ReduceProd", 13, plane, "axes", (long[])[0, 2]);
            Add("ReduceMax", 13, plane);
            Add("MaxPool", 13, large, "kernel_shape", window, "strides", steps, "pads", pads);
            Add("MaxPool", 13, large, "kernel_shape", window, "strides", steps, "pads", pads, "ceil_mode", 1);
            Add("MaxPool", 13, large, "kernel_shape", window, "dilations", (long[])[2, 3]);
            Add("MaxPool", 13, large, "kernel_shape", window, "strides", (long[])[2, 2], "auto_pad", "SAME_UPPER");
            Add("MaxPool", 13, large, "kernel_shape", window, "strides", (long[])[2, 2], "auto_pad", "SAME_LOWER");
            Add("AveragePool", 13, large, "kernel_shape", window, "strides", steps, "pads", pads);
            Add("AveragePool", 13, large, "kernel_shape", window, "strides", steps, "pads", pads, "count_include_pad", 1);
            Add("AveragePool", 19, large, "kernel_shape", window, "strides", steps, "ceil_mode", 1);
            Add("AveragePool", 13, large, "kernel_shape", window, "strides", (long[])[2, 2], "auto_pad", "SAME_UPPER");
            Add("AveragePool", 19, large, "kernel_shape", window, "dilations", (long[])[2, 1]);
            Add("LpPool", 18, large, "kernel_shape", window, "strides", steps, "p", 3);
            return cases;

            void Add(string type, int opset, long[] shape, params object[] attributes) =>
                cases.Add($"{cases.Count} {type} {opset}", opset, type, shape, attributes);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Operators_of_one_input_are_those_of_ONNX_Runtime(
        string what,
        int opset,
        string type,
        long[] shape,
        object[] attributes
    )
    {
        (string, object)[] named = [.. attributes.Chunk(2).Select(pair => ((string)pair[0], pair[1]))];
        byte[] file = new OnnxWriter(opset)
            .Input("x", shape)
            .Output("y")
            .Node(type, what, ["x"], ["y"], attributes: named)
            .ToArray();

        Judge(what, file, shape);
    }

    public static TheoryData<string, int, string, string, string> Resizes
    {
        get
        {
            var cases = new TheoryData<string, int, string, string, string>();
            foreach (string places in (string[])["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"])
            {
                cases.Add("linear", 13, places, "", "scales");
                cases.Add("linear", 13, places, "", "sizes");
                cases.Add("cubic", 13, places, "", "scales");
                cases.Add("nearest", 13, places, "floor", "scales");
                cases.Add("nearest", 13, places, "round_prefer_ceil", "sizes");
                cases.Add("nearest", 13, places, "round_prefer_floor", "sizes");
                cases.Add("nearest", 13, places, "ceil", "scales");
            }

            cases.Add("linear", 19, "half_pixel_symmetric", "", "scales");
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Resizes))]
    public void Pictures_are_resized_as_by_ONNX_Runtime(string mode, int opset, string places, string nearest, string by)
    {
        List<(string, object)> attributes = [("mode", mode), ("coordinate_transformation_mode", places)];
        if (nearest.Length > 0)
        {
            attributes.Add(("nearest_mode", nearest));
        }

        byte[] file = new OnnxWriter(opset)
            .Input("x", 1, 2, 5, 6)
            .Output("y")
            .Floats("scales", [4], 1, 1, 1.7f, 0.6f)
            .Integers("sizes", 1, 2, 9, 4)
            .Node(
                "Resize",
                "r",
                by == "scales" ? ["x", "", "scales"] : ["x", "", "", "sizes"],
                ["y"],
                attributes: [.. attributes]
            )
            .ToArray();

        Judge($"{mode} {places} {nearest} {by}", file, [1, 2, 5, 6]);
    }

    public static TheoryData<string, object[]> Transposed =>
        new()
        {
            { "plain", [] },
            { "strides", ["strides", new long[] { 2, 3 }] },
            { "pads", ["strides", new long[] { 2, 3 }, "pads", new long[] { 1, 0, 0, 1 }] },
            { "output padding", ["strides", new long[] { 2, 3 }, "output_padding", new long[] { 1, 2 }] },
            { "output shape", ["strides", new long[] { 2, 3 }, "output_shape", new long[] { 8, 12 }] },
            { "same", ["strides", new long[] { 2, 3 }, "auto_pad", "SAME_UPPER"] },
            { "dilations", ["dilations", new long[] { 2, 1 }] },
        };

    [Theory]
    [MemberData(nameof(Transposed))]
    public void Transposed_convolutions_are_those_of_ONNX_Runtime(string what, object[] attributes)
    {
        byte[] file = new OnnxWriter(13)
            .Input("x", 1, 2, 4, 4)
            .Output("y")
            .Floats("w", [2, 3, 3, 3], [.. Enumerable.Range(0, 54).Select(i => MathF.Sin(i))])
            .Floats("b", [3], 1, 2, 3)
            .Node(
                "ConvTranspose",
                what,
                ["x", "w", "b"],
                ["y"],
                attributes: [.. attributes.Chunk(2).Select(pair => ((string)pair[0], pair[1]))]
            )
            .ToArray();

        Judge(what, file, [1, 2, 4, 4]);
    }

    [Theory]
    [InlineData("constant", new long[] { 0, 0, 1, 2, 0, 1, 0, 3 })]
    [InlineData("reflect", new long[] { 0, 0, 1, 2, 0, 0, 2, 3 })]
    [InlineData("edge", new long[] { 0, 1, 1, 2, 0, 0, 6, 9 })]
    [InlineData("wrap", new long[] { 0, 0, 1, 2, 0, 0, 2, 3 })]
    [InlineData("constant", new long[] { 0, 0, -1, 2, 0, 0, -1, -3 })]
    public void Padding_is_that_of_ONNX_Runtime(string mode, long[] pads)
    {
        byte[] file = new OnnxWriter(19)
            .Input("x", 1, 2, 5, 6)
            .Output("y")
            .Integers("pads", pads)
            .Node("Pad", mode, ["x", "pads"], ["y"], attributes: [("mode", mode)])
            .ToArray();

        Judge(mode, file, [1, 2, 5, 6]);
    }

    [Theory]
    [InlineData("MaxPool")]
    [InlineData("Conv")]
    public void Windows_anywhere_are_those_of_ONNX_Runtime(string type)
    {
        Gen<long[]> kernel = Gen.Long[1, 3].Array[2],
            strides = Gen.Long[1, 3].Array[2],
            dilations = Gen.Long[1, 2].Array[2],
            pads = Gen.Long[0, 2].Array[4],
            sides = Gen.Long[5, 9].Array[2];
        Gen.Select(kernel, strides, dilations, pads, sides, Gen.Int[0, 1])
            .Sample(
                (window, steps, gaps, padding, picture, ceiling) =>
                {
                    // A pooling pads less than its window; the file's attributes must hold in ONNX Runtime, too.
                    long[] ends = [.. padding.Select((pad, i) => Math.Min(pad, window[i % 2] - 1))];
                    long[] shape = [1, 2, .. picture];
                    List<(string, object)> attributes =
                    [
                        ("kernel_shape", window),
                        ("strides", steps),
                        ("dilations", gaps),
                        ("pads", ends),
                    ];
                    OnnxWriter file = new OnnxWriter(13).Input("x", shape).Output("y");
                    if (type == "MaxPool")
                    {
                        attributes.Add(("ceil_mode", ceiling));
                        file = file.Node(type, "window", ["x"], ["y"], attributes: [.. attributes]);
                    }
                    else
                    {
                        int count = (int)(3 * 2 * window[0] * window[1]);
                        file = file.Floats("w", [3, 2, .. window], [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i))])
                            .Node(type, "window", ["x", "w"], ["y"], attributes: [.. attributes]);
                    }

                    string said = string.Join("; ", attributes.Select(each => $"{each.Item1} {Text(each.Item2)}"));
                    Judge($"{said} on {Text(picture)}", file.ToArray(), shape);
                },
                iter: 400,
                threads: 1
            );

        static string Text(object value) => value is long[] many ? string.Join('×', many) : $"{value}";
    }

    private static void Judge(string what, byte[] file, long[] shape)
    {
        using OnnxNetwork network = OnnxNetwork.Read(file, null);
        using Tensor input = arange(shape.Aggregate(1L, (all, side) => all * side), dtype: ScalarType.Float32)
                .mul(0.7f)
                .sin()
                .mul(2)
                .reshape(shape),
            actual = network.call(input),
            expected = Run(file, "x", input);

        // A few dozen operations in a row, exponentials and powers among them, which both libraries compute within some units.
        Fixture.AssertClose(expected, actual.detach(), Tolerance.Rounding(64), what);
    }

    private static Tensor Run(byte[] file, string name, Tensor input)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        using var session = new InferenceSession(file, options);
        using OrtValue picture = OrtValue.CreateTensorValueFromMemory(input.contiguous().data<float>().ToArray(), input.shape);
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(
            run,
            new Dictionary<string, OrtValue> { [name] = picture },
            [session.OutputNames[0]]
        );
        return tensor(outputs[0].GetTensorDataAsSpan<float>().ToArray(), outputs[0].GetTensorTypeAndShape().Shape);
    }
}

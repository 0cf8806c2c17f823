using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models.Onnx;

/// <summary>Operators alone, with values worked out by hand from the specification.</summary>
[Trait("Kind", "Numeric")]
public class OnnxOperatorTests
{
    [Fact]
    public void Softmax_takes_all_axes_from_the_named_one_before_version_13()
    {
        Assert.Equal([0.25f, 0.25f, 0.25f, 0.25f], Run(11, "Softmax", [0, 0, 0, 0], [1, 2, 2]));
        Assert.Equal([0.5f, 0.5f, 0.5f, 0.5f], Run(13, "Softmax", [0, 0, 0, 0], [1, 2, 2]));
    }

    [Fact]
    public void Resize_is_linear_between_the_middles_of_pixels()
    {
        byte[] file = new OnnxWriter(13)
            .Input("x", 1, 1, 1, 2)
            .Output("y", 1, 1, 1, 4)
            .Floats("scales", [4], 1, 1, 1, 2)
            .Node("Resize", "resize", ["x", "", "scales"], ["y"], attributes: [("mode", "linear")])
            .ToArray();

        // The places −1/4, 1/4, 3/4 and 5/4 between 1 and 3.
        Assert.Equal([1f, 1.5f, 2.5f, 3f], Run(file, [1, 3], [1, 1, 1, 2]));
    }

    [Theory]
    [InlineData(0, new float[] { 1.5f, 3 })]
    [InlineData(1, new float[] { 1, 2 })]
    public void An_average_counts_padding_only_when_told(int counted, float[] expected)
    {
        byte[] file = new OnnxWriter(13)
            .Input("x", 1, 1, 3)
            .Output("y", 1, 1, 2)
            .Node(
                "AveragePool",
                "pool",
                ["x"],
                ["y"],
                attributes:
                [
                    ("kernel_shape", new long[] { 3 }),
                    ("strides", new long[] { 3 }),
                    ("pads", new long[] { 1, 2 }),
                    ("count_include_pad", counted),
                ]
            )
            .ToArray();

        // 0 1 2 | 3 0 0: sums 3 and 3.
        Assert.Equal(counted == 0 ? expected : [1f, 1f], Run(file, [1, 2, 3], [1, 1, 3]));
    }

    [Fact]
    public void Windows_may_hang_over_the_end()
    {
        byte[] file = new OnnxWriter(13)
            .Input("x", 1, 1, 3)
            .Output("y", 1, 1, 2)
            .Node(
                "AveragePool",
                "pool",
                ["x"],
                ["y"],
                attributes: [("kernel_shape", new long[] { 2 }), ("strides", new long[] { 2 }), ("ceil_mode", 1)]
            )
            .ToArray();

        Assert.Equal([1.5f, 3f], Run(file, [1, 2, 3], [1, 1, 3]));
    }

    [Fact]
    public void Slices_may_go_backwards()
    {
        byte[] file = new OnnxWriter(13)
            .Input("x", 1, 4)
            .Output("y", 1, 2)
            .Integers("starts", -1)
            .Integers("ends", 0)
            .Integers("axes", 1)
            .Integers("steps", -2)
            .Node("Slice", "slice", ["x", "starts", "ends", "axes", "steps"], ["y"])
            .ToArray();

        Assert.Equal([4f, 2f], Run(file, [1, 2, 3, 4], [1, 4]));
    }

    [Fact]
    public void Depth_becomes_space_in_both_orders()
    {
        byte[] File(string mode) =>
            new OnnxWriter(13)
                .Input("x", 1, 4, 1, 2)
                .Output("y", 1, 1, 2, 4)
                .Node("DepthToSpace", "d", ["x"], ["y"], attributes: [("blocksize", 2), ("mode", mode)])
                .ToArray();
        float[] eight = [0, 1, 2, 3, 4, 5, 6, 7];

        Assert.Equal([0f, 2, 1, 3, 4, 6, 5, 7], Run(File("DCR"), eight, [1, 4, 1, 2]));
        Assert.Equal([0f, 2, 1, 3, 4, 6, 5, 7], Run(File("CRD"), eight, [1, 4, 1, 2])); // one channel: no order between channels
    }

    [Fact]
    public void The_list_in_the_documentation_is_the_table()
    {
        string page = File.ReadAllText(Path.Combine(Fixture.Repository, "lib", "docs", "onnx.md"));
        Assert.All(OnnxNetwork.SupportedOperators, name => Assert.Contains($"{name}", page));
    }

    private static float[] Run(int opset, string type, float[] values, long[] shape) =>
        Run(new OnnxWriter(opset).Input("x", shape).Output("y", shape).Node(type, "n", ["x"], ["y"]).ToArray(), values, shape);

    private static float[] Run(byte[] file, float[] values, long[] shape)
    {
        using OnnxNetwork network = OnnxNetwork.Read(file, null);
        using Tensor input = tensor(values, shape),
            output = network.call(input);
        return output.contiguous().data<float>().ToArray();
    }
}

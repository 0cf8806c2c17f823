using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models.Onnx;

/// <summary>Choices between two graphs (<c>If</c>), with values worked out by hand.</summary>
public class OnnxChoiceTests
{
    private const int Bool = 9;

    /// <summary>What torch writes for <c>x.mean(2).squeeze(axis)</c> where it does not know whether the axis has one element.</summary>
    internal static byte[] Squeeze(long axis) =>
        new OnnxWriter(13)
            .Input("x", -1, -1, -1)
            .Output("y")
            .Integers("axis", axis)
            .Integers("one", 1)
            .Node("ReduceMean", "/mean", ["x"], ["m"], attributes: [("axes", new long[] { 2 }), ("keepdims", 1)])
            .Node("Shape", "/shape", ["m"], ["s"])
            .Node("Gather", "/side", ["s", "axis"], ["side"])
            .Node("Equal", "/equal", ["side", "one"], ["is one"])
            .Node(
                "If",
                "/If",
                ["is one"],
                ["y"],
                attributes:
                [
                    ("then_branch", new OnnxWriter().Output("t").Node("Squeeze", "/Squeeze", ["m", "axis"], ["t"])),
                    ("else_branch", new OnnxWriter().Output("e").Node("Identity", "/Identity", ["m"], ["e"])),
                ]
            )
            .ToArray();

    [Theory]
    [InlineData(2, new long[] { 2, 3 })]
    [InlineData(1, new long[] { 2, 3, 1 })]
    public void A_choice_that_depends_on_the_input_takes_its_branch_at_every_pass(long axis, long[] shape)
    {
        using OnnxNetwork network = OnnxNetwork.Read(Squeeze(axis), null);
        using Tensor input = arange(12, dtype: ScalarType.Float32).reshape(2, 3, 2).requires_grad_(),
            output = network.call(input);

        Assert.Equal(shape, output.shape);
        Assert.Equal([0.5f, 2.5f, 4.5f, 6.5f, 8.5f, 10.5f], output.data<float>().ToArray());
        using Tensor score = output.sum();
        score.backward();
        Assert.All(input.grad!.data<float>().ToArray(), gradient => Assert.Equal(0.5f, gradient));

        using Tensor one = ones(2, 1, 2),
            other = network.call(one);
        Assert.Equal([2, 1], other.shape); // both axes have one element now
    }

    internal static byte[] Chosen(byte condition) =>
        new OnnxWriter(13)
            .Input("x", -1, 2)
            .Output("y", -1, 2)
            .Floats("fc.weight", [2, 2], 1, 2, 3, 4)
            .Tensor("condition", Bool, [1], [condition])
            .Node("Relu", "/relu/Relu", ["x"], ["a"])
            .Node(
                "If",
                "/If",
                ["condition"],
                ["b"],
                attributes:
                [
                    (
                        "then_branch",
                        new OnnxWriter()
                            .Output("same")
                            .Floats("ten", [1, 2], 10, 20)
                            .Node("MatMul", "/fc/MatMul", ["a", "fc.weight"], ["product"])
                            .Node("Add", "/Add", ["product", "ten"], ["same"])
                    ),
                    ("else_branch", new OnnxWriter().Output("a")),
                ]
            )
            .Node("Neg", "/Neg", ["b"], ["y"])
            .ToArray();

    [Fact]
    public void A_fixed_choice_is_replaced_by_its_branch_whose_layers_are_layers()
    {
        using OnnxNetwork network = OnnxNetwork.Read(Chosen(1), null);
        using Tensor input = tensor(new float[] { 1, -1 }, [1, 2]),
            output = network.call(input);

        // (1, 0) · [[1, 2], [3, 4]] + (10, 20), negated.
        Assert.Equal([-11f, -22f], output.data<float>().ToArray());
        Assert.Equal(
            "fc.weight",
            Assert
                .Single(network.named_parameters(), weight => weight.parameter.dim() == 2 && weight.parameter.shape[0] == 2)
                .name
        );
        Assert.Contains("fc", AttentionLab.Explain.ActivationExtractor.LayersOf(network));
    }

    [Fact]
    public void A_branch_may_give_a_value_from_outside()
    {
        using OnnxNetwork network = OnnxNetwork.Read(Chosen(0), null);
        using Tensor input = tensor(new float[] { 1, -1 }, [1, 2]),
            output = network.call(input);

        Assert.Equal([-1f, 0f], output.data<float>().ToArray());
    }

    // The beginning of a network of x, N×2: "positive" is whether the sum of x is.
    private static OnnxWriter Signed() =>
        new OnnxWriter(13)
            .Input("x", -1, 2)
            .Output("y", -1, 2)
            .Floats("zero", [], 0)
            .Node("ReduceSum", "/sum", ["x"], ["s"], attributes: [("keepdims", 0)])
            .Node("Greater", "/greater", ["s", "zero"], ["positive"]);

    [Fact]
    public void Weights_of_a_choice_that_depends_on_the_input_learn()
    {
        byte[] file = Signed()
            .Floats("fc.weight", [2, 2], 1, 2, 3, 4)
            .Node(
                "If",
                "/If",
                ["positive"],
                ["y"],
                attributes:
                [
                    ("then_branch", new OnnxWriter().Output("t").Node("MatMul", "/fc/MatMul", ["x", "fc.weight"], ["t"])),
                    (
                        "else_branch",
                        new OnnxWriter()
                            .Output("e")
                            .Node(
                                "If",
                                "/inner",
                                ["positive"],
                                ["e"],
                                attributes:
                                [
                                    ("then_branch", new OnnxWriter().Output("x")),
                                    ("else_branch", new OnnxWriter().Output("n").Node("Neg", "/Neg", ["x"], ["n"])),
                                ]
                            )
                    ),
                ]
            )
            .ToArray();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);
        using Tensor positive = tensor(new float[] { 1, 1 }, [1, 2]),
            negative = tensor(new float[] { -1, -2 }, [1, 2]),
            product = network.call(positive),
            negated = network.call(negative);

        Assert.Equal([4f, 6f], product.data<float>().ToArray());
        Assert.Equal([1f, 2f], negated.data<float>().ToArray());
        using Tensor score = product.sum();
        score.backward();
        Assert.Equal([1f, 1f, 1f, 1f], Assert.Single(network.parameters()).grad!.data<float>().ToArray());
    }

    /// <summary>x · (2, 3) + (10, 20) where the sum of x is positive, else x · (5, 7); each weight is called <c>w</c>.</summary>
    internal static OnnxWriter WithOwnWeights() => WithOwnWeights((name, a, b) => new OnnxWriter().Floats(name, [2], a, b));

    private static OnnxWriter WithOwnWeights(Func<string, float, float, OnnxWriter> weights) =>
        Signed()
            .Node(
                "If",
                "/If",
                ["positive"],
                ["y"],
                attributes:
                [
                    (
                        "then_branch",
                        weights("w", 2, 3)
                            .Output("t")
                            .Node("Mul", "/Mul", ["x", "w"], ["m"])
                            .Node(
                                "If",
                                "/inner",
                                ["positive"],
                                ["t"],
                                attributes:
                                [
                                    ("then_branch", weights("w", 10, 20).Output("a").Node("Add", "/Add", ["m", "w"], ["a"])),
                                    ("else_branch", new OnnxWriter().Output("m")),
                                ]
                            )
                    ),
                    ("else_branch", weights("w", 5, 7).Output("e").Node("Mul", "/Mul", ["x", "w"], ["e"])),
                ]
            );

    [Fact]
    public void Weights_of_a_branch_are_weights_of_the_network()
    {
        using OnnxNetwork network = OnnxNetwork.Read(WithOwnWeights().ToArray(), null);
        using Tensor positive = tensor(new float[] { 1, 2 }, [1, 2]),
            negative = tensor(new float[] { -1, -2 }, [1, 2]),
            then = network.call(positive),
            other = network.call(negative);

        Assert.Equal([12f, 26f], then.data<float>().ToArray());
        Assert.Equal([-5f, -14f], other.data<float>().ToArray());
        using Tensor score = other.sum();
        score.backward();
        Assert.Equal(3, network.parameters().Count());
        Assert.Equal(
            [-1f, -2f],
            Assert.Single(network.parameters(), weight => weight.grad is not null).grad!.data<float>().ToArray()
        );
        network.to(ScalarType.Float64);
        using Tensor inDouble = network.call(positive.to(ScalarType.Float64));
        Assert.Equal([12.0, 26.0], inDouble.data<double>().ToArray());
    }

    [Fact]
    public void Weights_of_a_branch_are_read_once_from_the_models_folder()
    {
        string folder = Directory.CreateTempSubdirectory("onnx").FullName;
        try
        {
            string path = Path.Combine(folder, "model.onnx"),
                weights = Path.Combine(folder, "weights.bin");
            File.WriteAllBytes(weights, [.. new float[] { 2, 3 }.SelectMany(BitConverter.GetBytes)]);
            File.WriteAllBytes(
                path,
                WithOwnWeights((name, _, _) => new OnnxWriter().External(name, [2], "weights.bin")).ToArray()
            );
            using OnnxNetwork network = OnnxNetwork.Load(path);
            File.Delete(weights);
            using Tensor positive = tensor(new float[] { 1, 2 }, [1, 2]),
                output = network.call(positive);

            Assert.Equal([4f, 9f], output.data<float>().ToArray()); // x · (2, 3) + (2, 3)

            File.WriteAllBytes(path, WithOwnWeights((name, _, _) => new OnnxWriter().External(name, [2], "../w.bin")).ToArray());
            Assert.Contains("not inside", Assert.Throws<InvalidDataException>(() => OnnxNetwork.Load(path)).Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_function_that_holds_a_choice_has_its_weights_once()
    {
        byte[] choice = OnnxWriter.NodeBytes(
            "If",
            "If",
            ["c"],
            ["b"],
            attributes:
            [
                ("then_branch", new OnnxWriter().Output("t").Floats("w", [2], 2, 3).Node("Mul", "Mul", ["a", "w"], ["t"])),
                ("else_branch", new OnnxWriter().Output("a")),
            ]
        );
        byte[] file = Signed()
            .Function("own", "Scaled", ["a", "c"], ["b"], choice)
            .Node("Scaled", "/first", ["x", "positive"], ["z"], node => OnnxWriter.Domain(node, "own"))
            .Node("Scaled", "/second", ["z", "positive"], ["y"], node => OnnxWriter.Domain(node, "own"))
            .ToArray();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);
        using Tensor positive = tensor(new float[] { 1, 2 }, [1, 2]),
            output = network.call(positive);

        Assert.Equal([4f, 18f], output.data<float>().ToArray());
        Assert.Single(network.parameters());
    }

    public static TheoryData<string, byte[]> Broken =>
        new()
        {
            { "no else_branch", Choice(["c"], ("then_branch", new OnnxWriter().Output("x"))) },
            {
                "0 outputs, the node 1",
                Choice(["c"], ("then_branch", new OnnxWriter().Output("x")), ("else_branch", new OnnxWriter()))
            },
            {
                "has 0 inputs",
                Choice([], ("then_branch", new OnnxWriter().Output("x")), ("else_branch", new OnnxWriter().Output("x")))
            },
            {
                "'t', which is there already",
                Choice(
                    ["c"],
                    ("then_branch", new OnnxWriter().Output("t").Node("Relu", "", ["x"], ["t"]).Node("Neg", "", ["x"], ["t"])),
                    ("else_branch", new OnnxWriter().Output("x"))
                )
            },
            {
                "neither made by a node",
                Choice(["c"], ("then_branch", new OnnxWriter().Output("nowhere")), ("else_branch", new OnnxWriter().Output("x")))
            },
            {
                "GRU at node 'g' (GRU)",
                Choice(
                    ["c"],
                    ("then_branch", new OnnxWriter().Output("t").Node("GRU", "g", ["x"], ["t"])),
                    ("else_branch", new OnnxWriter().Output("x"))
                )
            },
            { "one truth value", Choice(["two"], ("then_branch", Branch()), ("else_branch", Branch())) },
            { "more than 16 deep", Choice(["c"], ("then_branch", Nested(20)), ("else_branch", Branch())) },
        };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_choice_is_refused_with_the_reason(string reason, byte[] file) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => OnnxNetwork.Read(file, null)).Message);

    private static OnnxWriter Branch() => new OnnxWriter().Output("x");

    private static OnnxWriter Nested(int depth) =>
        depth == 0
            ? Branch()
            : new OnnxWriter()
                .Output("n")
                .Node("If", "", ["c"], ["n"], attributes: [("then_branch", Nested(depth - 1)), ("else_branch", Branch())]);

    private static byte[] Choice(string[] condition, params (string, object)[] branches) =>
        new OnnxWriter(13)
            .Input("x", 1, 2)
            .Output("y", 1, 2)
            .Tensor("c", Bool, [1], [1])
            .Tensor("two", Bool, [2], [1, 0])
            .Node("If", "choice", condition, ["y"], attributes: branches)
            .ToArray();
}

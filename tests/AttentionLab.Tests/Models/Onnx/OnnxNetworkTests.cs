using AttentionLab.Explain;
using AttentionLab.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models.Onnx;

/// <summary>Small networks written by the test itself, with values worked out by hand.</summary>
public class OnnxNetworkTests
{
    [Fact]
    public void A_network_computes_and_has_PyTorchs_names_and_layers()
    {
        using OnnxNetwork network = OnnxNetwork.Read(Small(), null);

        Assert.Equal(["features.0.weight", "features.0.bias", "fc.weight", "fc.bias"], network.state_dict().Keys);
        Assert.IsType<Conv2d>(Part(network, "features.0"));
        Assert.IsType<ReLU>(Part(network, "features.1"));
        Assert.IsType<Linear>(Part(network, "fc"));

        // 2·x − 3 of 1, 2, 3, 4 is −1, 1, 3, 5; after ReLU the mean is 9/4; the head gives 2·9/4 + 1 and −9/4.
        using Tensor input = tensor(new float[] { 1, 2, 3, 4 }, [1, 1, 2, 2]);
        using Tensor output = network.call(input);
        Assert.Equal([5.5f, -2.25f], output.data<float>().ToArray());
    }

    [Fact]
    public void Gradients_reach_weights_input_and_layers()
    {
        using OnnxNetwork network = OnnxNetwork.Read(Small(), null);
        using Tensor input = tensor(new float[] { 1, 2, 3, 4 }, [1, 1, 2, 2]).requires_grad_();
        using Tensor score = network.call(input)[0, 0];

        score.backward();

        // ∂ score / ∂ x = 2 · 1/4 · 2 where the ReLU lets it pass.
        Assert.Equal([0f, 1f, 1f, 1f], input.grad!.data<float>().ToArray());
        Assert.Equal([4.5f], network.get_parameter("features.0.weight")!.grad!.data<float>().ToArray()); // 2 · (2 + 3 + 4) / 4

        using var extractor = new ActivationExtractor(network, "features");
        using LayerActivations seen = extractor.RunWithGradients(input.detach(), output => output[0, 0]);
        Assert.Equal([0f, 1f, 3f, 5f], seen["features"].data<float>().ToArray());
        Assert.Equal([0.5f, 0.5f, 0.5f, 0.5f], seen.AllGradients("features")[^1].data<float>().ToArray());
    }

    [Fact]
    public void A_module_that_is_called_twice_is_one_module()
    {
        byte[] file = new OnnxWriter()
            .Input("x", -1, 2)
            .Output("y", -1, 2)
            .Node("Relu", "/block/relu/Relu", ["x"], ["a"])
            .Node("Neg", "/block/Neg", ["a"], ["b"])
            .Node("Relu", "/block/relu_1/Relu", ["b"], ["y"])
            .ToArray();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);

        Assert.Equal(["block", "block.relu", "block.Neg"], network.named_modules().Select(part => part.name));
        int calls = 0;
        ((ReLU)Part(network, "block.relu")).register_forward_hook(
            (_, _, output) =>
            {
                calls++;
                return output;
            }
        );
        using Tensor input = tensor(new float[] { -1, 2 }, [1, 2]);
        network.call(input).Dispose();
        Assert.Equal(2, calls);
    }

    [Fact]
    public void Names_come_from_newer_exporters_metadata()
    {
        byte[] file = new OnnxWriter()
            .Input("x", -1, 2)
            .Output("y", -1, 2)
            .Floats("encoder.layers.layer_1.mlp.0.weight", [2, 2], 1, 0, 0, 1)
            .Node(
                "Gemm",
                "node_linear_3",
                ["x", "encoder.layers.layer_1.mlp.0.weight"],
                ["a"],
                node =>
                    OnnxWriter.Metadata(
                        node,
                        "pkg.torch.onnx.name_scopes",
                        "['', 'encoder', 'encoder.layers', 'encoder.layers.layer_1', 'encoder.layers.layer_1.mlp', "
                            + "'encoder.layers.layer_1.mlp.0', 'linear_3']"
                    )
            )
            .Node(
                "Sigmoid",
                "node_sigmoid",
                ["a"],
                ["y"],
                node =>
                    OnnxWriter.Metadata(
                        node,
                        "namespace",
                        ": Net/encoder: Encoder/encoder.layers: Sequential/encoder.layers.layer_1: Block/sigmoid: aten.sigmoid"
                    )
            )
            .ToArray();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);

        Assert.Contains("encoder.layers.layer_1.mlp.0", network.named_modules().Select(part => part.name));
        Assert.Equal(["encoder.layers.layer_1.mlp.0.weight"], network.state_dict().Keys);
    }

    [Fact]
    public void Without_scopes_a_weights_name_says_where_it_belongs()
    {
        byte[] file = new OnnxWriter()
            .Input("x", -1, 1, 2, 2)
            .Output("y", -1, 1, 2, 2)
            .Floats("layer1.0.conv1.weight", [1, 1, 1, 1], 2)
            .Floats("layer1.0.bn1.bias", [1, 1, 2, 2], 1, 2, 3, 4)
            .Node("Conv", "Conv_0", ["x", "layer1.0.conv1.weight"], ["a"])
            .Node("Relu", "Relu_1", ["a"], ["b"])
            .Node("Add", "Add_2", ["b", "layer1.0.bn1.bias"], ["y"])
            .ToArray();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);

        Assert.Contains("layer1.0.conv1", network.named_modules().Select(part => part.name));
        Assert.Contains("Relu_1", network.named_modules().Select(part => part.name));
        Assert.Contains("layer1.0.bn1.bias", network.state_dict().Keys);
    }

    [Fact]
    public void A_fixed_batch_of_one_is_freed_where_the_graph_allows()
    {
        byte[] file = new OnnxWriter()
            .Input("x", 1, 2, 1, 2)
            .Output("y", 1, 3)
            .Floats("token", [1, 1, 2], 10, 20)
            .Integers("shape", 1, -1, 2)
            .Integers("flat", 1, 6)
            .Node("Reshape", "r", ["x", "shape"], ["a"])
            .Node("Concat", "c", ["token", "a"], ["b"], attributes: [("axis", 1)])
            .Node("Reshape", "f", ["b", "flat"], ["y"])
            .ToArray();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);
        using Tensor input = tensor(new float[] { 1, 2, 3, 4, 5, 6, 7, 8 }, [2, 2, 1, 2]);

        using Tensor output = network.call(input);

        Assert.Null(network.Batch);
        Assert.Equal([10f, 20, 1, 2, 3, 4, 10, 20, 5, 6, 7, 8], output.data<float>().ToArray());
    }

    [Fact]
    public void A_fixed_batch_stays_where_pictures_meet()
    {
        byte[] file = new OnnxWriter()
            .Input("x", 1, 3, 2, 2)
            .Output("y", 1, 3, 2, 2)
            .Integers("axes", 0)
            .Node("ReduceSum", "sum", ["x", "axes"], ["y"])
            .ToArray();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);

        Assert.Equal(1, network.Batch);
        using Tensor input = zeros(2, 3, 2, 2);
        string message = Assert.Throws<ArgumentException>(() => network.call(input)).Message;
        Assert.Contains("takes 1×3×2×2; this is 2×3×2×2", message, StringComparison.Ordinal);
        Assert.Contains("export it with a free batch (dynamic_axes)", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ReduceMean", "one number for all pictures", new[] { 3f })]
    [InlineData("NonZero", "other shapes for other pictures", new[] { 0f, 0, 0, 0, 0, 0, 0, 1 })]
    public void A_network_without_an_output_for_each_picture_keeps_its_batch(string type, string why, float[] expected)
    {
        OnnxWriter writer = new OnnxWriter(13).Input("x", 1, 1, 1, 2).Output("y");
        byte[] file =
            type == "NonZero"
                ? writer
                    .Floats("zero", [], 0)
                    .Node("Greater", "greater", ["x", "zero"], ["g"])
                    .Node("NonZero", "places", ["g"], ["n"])
                    .Node("Cast", "cast", ["n"], ["y"], attributes: [("to", 1)])
                    .ToArray()
                : writer.Node(type, "mean", ["x"], ["y"], attributes: [("keepdims", 0)]).ToArray();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);
        using Tensor input = tensor(new float[] { 1, 5 }, [1, 1, 1, 2]),
            output = network.call(input);

        Assert.Equal(expected, output.data<float>().ToArray());
        Assert.Equal(1, network.Batch);
        Assert.Contains(why, Assert.Single(network.Notes), StringComparison.Ordinal);
    }

    /// <summary>Mean brightness of the halves; in the one, pictures of a batch are added up, so that it takes one at a time.</summary>
    private static byte[] Halves(bool meet)
    {
        OnnxWriter writer = new OnnxWriter(13)
            .Input("x", meet ? 1 : -1, 3, 8, 8)
            .Output("y", meet ? 1 : -1, 2)
            .Floats("conv.weight", [2, 3, 8, 4], [.. Enumerable.Range(0, 192).Select(i => 0.1f * MathF.Sin(i))])
            .Integers("axes", 0)
            .Integers("spatial", 2, 3)
            .Node("Conv", "/conv/Conv", ["x", "conv.weight"], ["a"], attributes: [("strides", new long[] { 8, 4 })])
            .Node("Relu", "/relu/Relu", ["a"], ["b"])
            .Node("ReduceSum", "/last", ["b", "spatial"], [meet ? "c" : "y"], attributes: [("keepdims", 0)]);
        return (meet ? writer.Node("ReduceSum", "/meet", ["c", "axes"], ["y"]) : writer).ToArray();
    }

    [Theory]
    [InlineData("occlusion")]
    [InlineData("rise")]
    [InlineData("lime")]
    [InlineData("kernel-shap")]
    [InlineData("smooth-grad")]
    [InlineData("integrated-gradients")]
    [InlineData("gradient-shap")]
    [InlineData("score-cam")]
    public void A_network_of_one_picture_at_a_time_is_explained_as_one_that_takes_any_number(string name)
    {
        ExplanationMethod method = ExplanationMethods.Get(name);
        using OnnxNetwork one = OnnxNetwork.Read(Halves(meet: true), null),
            any = OnnxNetwork.Read(Halves(meet: false), null);
        using Tensor input = arange(192, dtype: ScalarType.Float32).mul(0.7f).sin().reshape(1, 3, 8, 8);
        var options = new ExplanationOptions { Target = Target.Class(1) };

        float[] expected = method.Explain(any, input, options)[0][0].Values.ToArray(),
            actual = method.Explain(one, input, options)[0][0].Values.ToArray();

        Assert.Equal(1, one.Batch);
        Assert.Contains(expected, value => value != expected[0]);
        float largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * largest));
    }

    [Fact]
    public void Where_the_weights_come_from_the_input_relevance_follows_the_gradient()
    {
        // 1×1 filters that are the picture's own mean, as in dynamic convolution: y = x · mean(x), ∂y/∂x = mean + Σx / 4.
        byte[] file = new OnnxWriter(13)
            .Input("x", 1, 1, 2, 2)
            .Output("y", 1, 1)
            .Integers("axes", 2, 3)
            .Node("GlobalAveragePool", "/mean", ["x"], ["w"])
            .Node("Conv", "/conv", ["x", "w"], ["a"])
            .Node("ReduceSum", "/sum", ["a", "axes"], ["y"], attributes: [("keepdims", 0)])
            .ToArray();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);
        using Tensor input = tensor(new float[] { 1, 2, 3, 6 }, [1, 1, 2, 2]);

        float[] map = new LrpEpsilon().Explain(network, input)[0][0].Values.ToArray();

        Assert.Equal([6f, 12f, 18f, 36f], map); // mean 3, Σx / 4 = 3, times x
    }

    [Theory]
    [InlineData(13)]
    [InlineData(15)]
    public void Statistics_that_the_network_computes_have_gradients(int opset)
    {
        // As torch exports BatchNorm2d(1, track_running_stats=False), in training mode since version 14.
        byte[] file = new OnnxWriter(opset)
            .Input("x", -1, 1, 2, 2)
            .Output("y", -1, 1, 2, 2)
            .Floats("bn.weight", [1], 3)
            .Floats("bn.bias", [1], 0.5f)
            .Node("ReduceMean", "/bn/mean", ["x"], ["m"], attributes: [("axes", new long[] { 0, 2, 3 }), ("keepdims", 1)])
            .Node("Sub", "/bn/sub", ["x", "m"], ["d"])
            .Node("Mul", "/bn/mul", ["d", "d"], ["q"])
            .Node("ReduceMean", "/bn/variance", ["q"], ["v"], attributes: [("axes", new long[] { 0, 2, 3 }), ("keepdims", 0)])
            .Node("ReduceMean", "/bn/flat", ["x"], ["n"], attributes: [("axes", new long[] { 0, 2, 3 }), ("keepdims", 0)])
            .Node(
                "BatchNormalization",
                "/bn/BatchNormalization",
                ["x", "bn.weight", "bn.bias", "n", "v"],
                opset < 14 ? ["y"] : ["y", "mean", "variance"],
                attributes: opset < 14 ? [("epsilon", 1e-5f)] : [("epsilon", 1e-5f), ("training_mode", 1)]
            )
            .ToArray();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);
        using Tensor values = tensor(new float[] { 1, 5, -2, 3, 0, 7, 2, 2 }, [2, 1, 2, 2]),
            mine = values.clone().requires_grad_(),
            torchs = values.clone().requires_grad_(),
            weight = tensor([3f]),
            bias = tensor([0.5f]),
            actual = network.call(mine),
            expected = nn.functional.batch_norm(torchs, zeros(1), ones(1), weight, bias, training: true);

        Assert.Empty(network.Notes);
        Fixture.AssertClose(expected.detach(), actual.detach(), 1e-5, "output");
        actual[0, 0, 0].sum().backward();
        expected[0, 0, 0].sum().backward();
        Fixture.AssertClose(torchs.grad!, mine.grad!, 1e-5, "gradient");
    }

    [Fact]
    public void A_file_in_training_mode_is_asked_in_evaluation_mode_and_says_so()
    {
        byte[] file = new OnnxWriter(15)
            .Input("x", -1, 1, 1, 2)
            .Output("y", -1, 1, 1, 2)
            .Floats("bn.weight", [1], 3)
            .Floats("bn.bias", [1], 1)
            .Floats("bn.running_mean", [1], 2)
            .Floats("bn.running_var", [1], 4)
            .Node(
                "BatchNormalization",
                "/bn/BatchNormalization",
                ["x", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"],
                ["y", "mean", "variance"],
                attributes: [("training_mode", 1), ("epsilon", 0f)]
            )
            .ToArray();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);
        using Tensor input = tensor(new float[] { 2, 6 }, [1, 1, 1, 2]),
            output = network.call(input);

        Assert.IsType<BatchNorm2d>(Part(network, "bn"));
        Assert.Equal([1f, 7f], output.data<float>().ToArray()); // 3 · (6 − 2) / √4 + 1
        Assert.Contains("exported in training mode", Assert.Single(network.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_with_channels_last_go_in_with_channels_first()
    {
        byte[] file = new OnnxWriter()
            .Input("x", -1, -1, -1, 3)
            .Output("y", -1, -1, -1, 3)
            .Floats("scale", [3], 1, 10, 100)
            .Node("Mul", "scaling", ["x", "scale"], ["y"])
            .ToArray();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);
        using Tensor input = ones(1, 3, 2, 2);

        using Tensor output = network.call(input);

        Assert.Equal([null, 3, null, null], network.InputShape!);
        Assert.Equal([1f, 10, 100], output[0, 0, 0].contiguous().data<float>().ToArray());
    }

    [Fact]
    public void Half_precision_is_read()
    {
        byte[] file = new OnnxWriter()
            .Input("x", -1, 2)
            .Output("y", -1, 2)
            .Tensor("half", 10, [2], [0x00, 0x3E, 0x00, 0xC0]) // 1.5, −2
            .Tensor("brain", 16, [2], [0x40, 0x40, 0x80, 0x3F]) // 3, 1
            .Node("Mul", "m", ["x", "half"], ["a"])
            .Node("Add", "p", ["a", "brain"], ["y"])
            .ToArray();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);
        using Tensor input = ones(1, 2);

        using Tensor output = network.call(input);

        Assert.Equal([4.5f, -1f], output.data<float>().ToArray());
    }

    [Fact]
    public void External_data_stays_in_the_models_folder()
    {
        string folder = Directory.CreateTempSubdirectory("onnx").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "weights.bin"), [0, 0, 0, 0, .. BitConverter.GetBytes(7f)]);
            Tensor Run(string location, long offset)
            {
                byte[] file = new OnnxWriter()
                    .Input("x", -1, 1)
                    .Output("y", -1, 1)
                    .External("w", [1], location, offset)
                    .Node("Mul", "m", ["x", "w"], ["y"])
                    .ToArray();
                string path = Path.Combine(folder, "model.onnx");
                File.WriteAllBytes(path, file);
                using OnnxNetwork network = OnnxNetwork.Load(path);
                using Tensor input = ones(1, 1);
                return network.call(input);
            }

            using (Tensor output = Run("weights.bin", 4))
            {
                Assert.Equal(7, output.item<float>());
            }

            Assert.Contains("not inside", Error("../weights.bin", 0));
            Assert.Contains("not inside", Error(Path.Combine(folder, "weights.bin"), 0));
            Assert.Contains("does not lie beside", Error("none.bin", 0));
            Assert.Contains("which has 8", Error("weights.bin", 6));

            string Error(string location, long offset) =>
                Assert.Throws<InvalidDataException>(() => Run(location, offset)).Message;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Functions_are_written_out()
    {
        byte[] file = new OnnxWriter()
            .Function("own", "Double", ["a"], ["c"], OnnxWriter.NodeBytes("Add", "sum", ["a", "a"], ["c"]))
            .Input("x", -1, 1)
            .Output("y", -1, 1)
            .Node("Double", "twice", ["x"], ["b"], node => OnnxWriter.Domain(node, "own"))
            .Node("Double", "again", ["b"], ["y"], node => OnnxWriter.Domain(node, "own"))
            .ToArray();
        using OnnxNetwork network = OnnxNetwork.Read(file, null);
        using Tensor input = ones(1, 1),
            output = network.call(input);

        Assert.Equal(4, output.item<float>());
    }

    [Fact]
    public void All_operators_that_are_not_supported_are_listed()
    {
        byte[] file = new OnnxWriter(18)
            .Input("x", -1, 1)
            .Output("y", -1, 1)
            .Node("Loop", "the loop", ["x"], ["a"])
            .Node("Relu", "r", ["a"], ["b"])
            .Node("Fancy", "the fancy one", ["b"], ["y"], node => OnnxWriter.Domain(node, "own"))
            .ToArray();

        string message = Assert.Throws<InvalidDataException>(() => OnnxNetwork.Read(file, null)).Message;

        Assert.Equal(
            "2 of the network's 3 nodes use an operator that is not supported: Loop at node 'the loop' (Loop), operator set 18; "
                + "own::Fancy at node 'the fancy one' (Fancy), operator set 18.",
            message
        );
    }

    public static TheoryData<string, byte[]> Broken =>
        new()
        {
            { "neither made by a node", Chain(("Relu", ["nowhere"], "y")) },
            { "circle", Chain(("Relu", ["b"], "a"), ("Relu", ["a"], "b"), ("Add", ["x", "b"], "y")) },
            { "there already", Chain(("Relu", ["x"], "y"), ("Relu", ["x"], "y")) },
            { "has no output", new OnnxWriter().Input("x", 1).ToArray() },
            {
                "needs 8 bytes and has 4",
                new OnnxWriter()
                    .Input("x", 1)
                    .Output("y", 1)
                    .Tensor("w", 1, [2], [0, 0, 0, 0])
                    .Node("Add", "", ["x", "w"], ["y"])
                    .ToArray()
            },
            {
                "negative side",
                new OnnxWriter()
                    .Input("x", 1)
                    .Output("y", 1)
                    .Tensor("w", 1, [-2], [0, 0, 0, 0])
                    .Node("Add", "", ["x", "w"], ["y"])
                    .ToArray()
            },
            {
                "more elements than",
                new OnnxWriter()
                    .Input("x", 1)
                    .Output("y", 1)
                    .Tensor("w", 1, [1L << 40, 1L << 40], [0, 0, 0, 0])
                    .Node("Add", "", ["x", "w"], ["y"])
                    .ToArray()
            },
            { "versions 6 to 22", new OnnxWriter(3).Input("x", 1).Output("y", 1).Node("Relu", "", ["x"], ["y"]).ToArray() },
        };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_file_is_refused_with_the_reason(string reason, byte[] file) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => OnnxNetwork.Read(file, null)).Message);

    public static TheoryData<string, byte[]> Traps =>
        new()
        {
            {
                "cannot be multiplied",
                new OnnxWriter()
                    .Input("x", -1, 2)
                    .Output("y", -1, 2)
                    .Floats("w", [3, 2], 1, 2, 3, 4, 5, 6)
                    .Node("MatMul", "m", ["x", "w"], ["y"])
                    .ToArray()
            },
            {
                "more than",
                new OnnxWriter()
                    .Input("x", -1, 2)
                    .Output("y", -1, 2)
                    .Integers("s", 1 << 20, 1 << 20, 2)
                    .Node("Expand", "bomb", ["x", "s"], ["y"])
                    .ToArray()
            },
            { "divided by zero", Integers("Div", 5, 0) },
            {
                "does not fit it",
                new OnnxWriter()
                    .Input("x", -1, 2)
                    .Output("y", -1, 2)
                    .Floats("w", [1, 3, 1, 1], 1, 2, 3)
                    .Integers("axes", 2, 3)
                    .Node("Unsqueeze", "planes", ["x", "axes"], ["p"])
                    .Node("Conv", "c", ["p", "w"], ["y"])
                    .ToArray()
            },
            {
                "a Bool tensor",
                new OnnxWriter()
                    .Input("x", -1, 2)
                    .Output("y", -1, 2)
                    .Node("Cast", "truth", ["x"], ["t"], attributes: [("to", 9)])
                    .Node("Transpose", "turned", ["t"], ["u"])
                    .Node("MatMul", "m", ["u", "t"], ["y"])
                    .ToArray()
            },
        };

    [Theory]
    [MemberData(nameof(Traps))]
    public void What_would_end_the_process_is_refused_with_the_node(string reason, byte[] file)
    {
        string message = Assert
            .Throws<InvalidDataException>(() =>
            {
                using OnnxNetwork network = OnnxNetwork.Read(file, null);
                using Tensor input = ones(1, 2);
                network.call(input).Dispose();
            })
            .Message;

        Assert.Contains("Node '", message);
        Assert.Contains(reason, message);
    }

    [Fact]
    public void The_least_integer_over_minus_one_does_not_trap()
    {
        using OnnxNetwork network = OnnxNetwork.Read(Integers("Div", long.MinValue, -1), null);
        using Tensor input = zeros(1, 2),
            output = network.call(input);

        Assert.Equal([(float)long.MinValue, (float)long.MinValue], output.data<float>().ToArray());
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        OnnxNetwork network = OnnxNetwork.Read(Small(), null);
        using Tensor input = zeros(1, 1, 2, 2);
        network.call(input).Dispose();
        long before = Tensor.TotalCount;
        network.call(input).Dispose();
        Assert.Equal(before, Tensor.TotalCount);

        Tensor[] weights = [.. network.parameters()];
        network.Dispose();
        network.Dispose();
        Assert.All(weights, weight => Assert.True(weight.IsInvalid));
    }

    internal static byte[] Small() =>
        new OnnxWriter()
            .Input("x", -1, 1, 2, 2)
            .Output("y", -1, 2)
            .Floats("features.0.weight", [1, 1, 1, 1], 2)
            .Floats("features.0.bias", [1], -3)
            .Floats("fc.weight", [2, 1], 2, -1)
            .Floats("fc.bias", [2], 1, 0)
            .Node("Conv", "/features/features.0/Conv", ["x", "features.0.weight", "features.0.bias"], ["a"])
            .Node("Relu", "/features/features.1/Relu", ["a"], ["b"])
            .Node("GlobalAveragePool", "/avgpool/GlobalAveragePool", ["b"], ["c"])
            .Node("Flatten", "/Flatten", ["c"], ["d"])
            .Node("Gemm", "/fc/Gemm", ["d", "fc.weight", "fc.bias"], ["y"], attributes: [("transB", 1)])
            .ToArray();

    private static byte[] Integers(string type, long a, long b) =>
        new OnnxWriter()
            .Input("x", -1, 2)
            .Output("y", -1, 2)
            .Integers("a", a)
            .Integers("b", b)
            .Node(type, "on integers", ["a", "b"], ["c"])
            .Node("Cast", "cast", ["c"], ["d"], attributes: [("to", 1)])
            .Node("Add", "sum", ["x", "d"], ["y"])
            .ToArray();

    private static byte[] Chain(params (string Type, string[] Inputs, string Output)[] nodes)
    {
        OnnxWriter writer = new OnnxWriter().Input("x", 1, 2).Output("y", 1, 2);
        foreach ((string type, string[] inputs, string output) in nodes)
        {
            writer.Node(type, "", inputs, [output]);
        }

        return writer.ToArray();
    }

    private static nn.Module Part(nn.Module network, string path) =>
        network.named_modules().Single(part => part.name == path).module;
}

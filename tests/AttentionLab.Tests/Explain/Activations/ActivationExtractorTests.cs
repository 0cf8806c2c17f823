using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain.Activations;

[Trait("Kind", "Numeric")]
public sealed class ActivationExtractorTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData("plain", "conv1", "conv2", "conv3")]
    [InlineData("se", "conv1", "conv2", "conv3", "ca1.fc", "ca2.fc", "ca3.fc")]
    public void Activations_are_PyTorchs(string name, params string[] layers)
    {
        using Module<Tensor, Tensor> model = Fixture.WithFormulaWeights(NetworkTests.Create(name));
        using var extractor = new ActivationExtractor(model, layers);
        using LayerActivations activations = extractor.Run(Fixture.FormulaInput());

        Fixture.AssertClose(
            Fixture.Formula[$"{name}/logits"],
            activations.Output,
            Tolerance.BetweenFloat32(Tolerance.Forward),
            "logits"
        );
        foreach (string layer in layers)
        {
            Fixture.AssertClose(
                Fixture.Formula[$"{name}/{layer}"],
                activations[layer],
                Tolerance.BetweenFloat32(Tolerance.ToConv3),
                layer
            );
        }
    }

    [Theory]
    [MemberData(nameof(NetworkTests.Both), MemberType = typeof(NetworkTests))]
    public void Gradients_are_PyTorchs_frozen_or_not(string name)
    {
        using Module<Tensor, Tensor> model = Fixture.WithFormulaWeights(NetworkTests.Create(name));
        using var extractor = new ActivationExtractor(model, "conv3");
        foreach (bool frozen in new[] { false, true })
        {
            foreach (TorchSharp.Modules.Parameter parameter in model.parameters())
            {
                parameter.requires_grad = !frozen;
            }

            using LayerActivations activations = extractor.RunWithGradients(Fixture.FormulaInput(), logits => logits.amax([1]));
            Fixture.AssertClose(
                Fixture.Formula[$"{name}/conv3_grad"],
                activations.GradientOf("conv3"),
                Tolerance.BetweenFloat32(Tolerance.ForwardAndBackward),
                "conv3_grad"
            );
            double tolerance = Tolerance.BetweenFloat32(Tolerance.ToConv3);
            Fixture.AssertClose(Fixture.Formula[$"{name}/conv3"], activations["conv3"], tolerance, "conv3");
            Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
        }
    }

    [Fact]
    public void One_line_gives_what_an_extractor_gives_and_leaves_no_hook()
    {
        using Module<Tensor, Tensor> model = Fixture.WithFormulaWeights(NetworkTests.Create("se"));
        using LayerActivations seen = LayerActivations.Of(model, Fixture.FormulaInput(), "conv3", "ca?.fc");
        Assert.Equal(["ca1.fc", "ca2.fc", "conv3", "ca3.fc"], seen.Keys);
        using var extractor = new ActivationExtractor(model, "conv3");
        using LayerActivations same = extractor.Run(Fixture.FormulaInput());
        Assert.Equal(same.ToArray("conv3"), seen.ToArray("conv3"));
        extractor.Dispose();
        Assert.Equal(0, Live.HooksOn(model));
        Assert.Throws<ArgumentException>(() => LayerActivations.Of(model, Fixture.FormulaInput(), "conv4"));
        Assert.Equal(0, Live.HooksOn(model));
    }

    [Theory]
    [InlineData("conv*", "conv1 conv2 conv3")]
    [InlineData("ca?.fc", "ca1.fc ca2.fc ca3.fc")]
    [InlineData("ca1.**", "ca1.avg_pool ca1.fc ca1.fc.0 ca1.fc.1 ca1.fc.2 ca1.fc.3")]
    [InlineData("**.fc", "ca1.fc ca2.fc ca3.fc")]
    [InlineData("*", "conv1 bn1 relu1 ca1 pool1 conv2 bn2 relu2 ca2 pool2 conv3 bn3 relu3 ca3 pool3 fc1 relu4 dropout fc2")]
    [InlineData("conv[12]", null)]
    [InlineData("", null)]
    public void Patterns_name_layers_in_the_models_order(string pattern, string? expected)
    {
        using var model = new SeCnn();
        if (expected is null)
        {
            Assert.Throws<ArgumentException>(() => new ActivationExtractor(model, pattern));
            return;
        }

        using var extractor = new ActivationExtractor(model, pattern);
        Assert.Equal(expected.Split(' '), extractor.Layers);
        using LayerActivations activations = extractor.Run(zeros(1, 3, 32, 32));
        Assert.Equal(expected.Split(' '), activations.Keys);
    }

    [Fact]
    public void Names_and_patterns_may_overlap()
    {
        using var model = new Cnn();
        using var extractor = new ActivationExtractor(model, "fc2", "conv*", "conv3", "fc2");
        Assert.Equal(["conv1", "conv2", "conv3", "fc2"], extractor.Layers);
    }

    [Fact]
    public void An_unknown_layer_lists_those_there_are_nearest_first()
    {
        using var model = new Cnn();
        var error = Assert.Throws<ArgumentException>(() => new ActivationExtractor(model, "conv4"));
        Assert.Contains(
            "no layer 'conv4'; its parts are, nearest first: conv1, conv2, conv3, ",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(0, Live.HooksOn(model));
    }

    [Fact]
    public void No_layer_is_an_error_that_lists_them()
    {
        using var model = new Cnn();
        Assert.Contains(
            "conv1, bn1",
            Assert.Throws<ArgumentException>(() => new ActivationExtractor(model)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_layer_that_takes_several_tensors_is_an_error_that_says_so()
    {
        using Module bilinear = Bilinear(2, 2, 2);
        using var model = new Composed(x => x, ("pair", bilinear));
        Assert.Contains(
            "'pair' (Bilinear)",
            Assert.Throws<ArgumentException>(() => new ActivationExtractor(model, "pair")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Captures_outlive_the_model_the_extractor_and_every_dispose_scope()
    {
        LayerActivations activations;
        using (NewDisposeScope())
        {
            using var model = new HandMade();
            using var extractor = new ActivationExtractor(model, "conv");
            activations = extractor.RunWithGradients(HandMade.Picture, y => y.select(1, 0));
        }

        using (activations)
        {
            Assert.Equal([1, 2, 3, 4, 2, 1, 0, -1], activations["conv"].data<float>().ToArray());
            Assert.Equal([1, 2, 0, 0, -1, 0, 0, 0], activations.GradientOf("conv").data<float>().ToArray());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_in_place_ReLU_overwrites_no_capture(bool gradients)
    {
        using var model = new HandMade(inplace: true);
        using var extractor = new ActivationExtractor(model, "conv", "relu");
        using LayerActivations activations = gradients
            ? extractor.RunWithGradients(HandMade.Picture, y => y.select(1, 0))
            : extractor.Run(HandMade.Picture);

        Assert.Equal([1, 2, 3, 4, 2, 1, 0, -1], activations["conv"].data<float>().ToArray());
        Assert.Equal([1, 2, 3, 4, 2, 1, 0, 0], activations["relu"].data<float>().ToArray());
        Assert.Equal([3, 3], activations.Output.data<float>().ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Parts_of_a_Sequential_are_captured_before_it_disposes_them(bool gradients)
    {
        using var model = Sequential(
            ("double", new Composed(x => x * 2)),
            ("flat", Flatten()),
            ("square", new Composed(x => x * x))
        );
        using var extractor = new ActivationExtractor(model, "*");
        Tensor input = tensor([1f, 2f], [2, 1]);
        using LayerActivations activations = gradients ? extractor.RunWithGradients(input, y => y.sum()) : extractor.Run(input);

        Assert.Equal([2, 4], activations["double"].data<float>().ToArray());
        Assert.Equal([4, 16], activations["square"].data<float>().ToArray());
        if (gradients)
        {
            Assert.Equal([4, 8], activations.GradientOf("double").data<float>().ToArray());
            Assert.Equal([1, 1], activations.GradientOf("square").data<float>().ToArray());
        }
    }

    [Fact]
    public void A_module_used_twice_is_captured_twice_and_the_indexer_gives_the_last()
    {
        using Module<Tensor, Tensor> twice = new Composed(x => x * 3);
        using var model = new Composed(x => twice.call(twice.call(x)), ("twice", twice));
        using var extractor = new ActivationExtractor(model, "twice");
        using LayerActivations activations = extractor.RunWithGradients(tensor([1f]), y => y.sum());

        Assert.Equal([3f, 9f], activations.All("twice").Select(value => value.item<float>()));
        Assert.Equal(9f, activations["twice"].item<float>());
        Assert.Equal([3f, 1f], activations.AllGradients("twice").Select(value => value.item<float>()));
        Assert.Equal(1f, activations.GradientOf("twice").item<float>());
    }

    [Fact]
    public void The_input_can_be_asked_for_like_a_layer()
    {
        using var model = new HandMade();
        using var extractor = new ActivationExtractor(model, ActivationExtractor.Input);
        using LayerActivations activations = extractor.RunWithGradients(HandMade.Picture, y => y.select(1, 0));

        // y₀ = x₀₀ + 2·x₀₁ − (3 − x₀₀)
        Assert.Equal([2, 2, 0, 0], activations.GradientOf(ActivationExtractor.Input).data<float>().ToArray());
    }

    [Fact]
    public void A_model_that_calls_forward_is_told_to_call_call()
    {
        using Module<Tensor, Tensor> a = Identity(),
            b = Identity();
        using var model = new Composed(x => b.forward(a.forward(x)), ("a", a), ("b", b));
        using var extractor = new ActivationExtractor(model, "a");
        string message = Assert.Throws<InvalidOperationException>(() => extractor.Run(ones(1))).Message;
        Assert.Contains("no hook fired on a, nor on any other layer", message, StringComparison.Ordinal);
        Assert.Contains("Write layer.call(x)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_left_out_of_the_pass_is_an_error_when_named_and_left_out_of_a_pattern()
    {
        using Module<Tensor, Tensor> a = Identity(),
            b = Identity();
        using var model = new Composed(x => b.call(x), ("a", a), ("b", b));
        using var named = new ActivationExtractor(model, "a");
        Assert.Contains(
            "Hooks fired on b.",
            Assert.Throws<InvalidOperationException>(() => named.Run(ones(1))).Message,
            StringComparison.Ordinal
        );
        using var pattern = new ActivationExtractor(model, "*");
        using LayerActivations activations = pattern.Run(ones(1));
        Assert.Equal(["b"], activations.Keys);
    }

    [Fact]
    public void A_layer_that_does_not_reach_the_score_is_named()
    {
        using var model = new HandMade();
        using var cut = new Composed(x => model.call(x).detach(), ("inner", model));
        using var extractor = new ActivationExtractor(cut, "inner.conv");
        Assert.Contains(
            "Layer 'inner.conv' does not reach the score",
            Assert
                .Throws<InvalidOperationException>(() => extractor.RunWithGradients(HandMade.Picture, y => y.select(1, 0)))
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Broken_input_and_broken_scores_are_refused()
    {
        using var model = new HandMade();
        using var extractor = new ActivationExtractor(model, "conv");
        Assert.Contains(
            "NaN",
            Assert.Throws<ArgumentException>(() => extractor.Run(full([1, 1, 2, 2], float.NaN))).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => extractor.RunWithGradients(HandMade.Picture, y => y));
        Assert.Throws<InvalidOperationException>(() => extractor.RunWithGradients(HandMade.Picture, y => y.select(1, 0) / 0));
        string message = Assert.Throws<InvalidOperationException>(() => extractor.Run(zeros(1, 1, 3, 3))).Message;
        Assert.StartsWith("HandMade cannot run on an input of 1×1×3×3 (Float32, cpu): ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Every_parts_mode_is_put_back()
    {
        using var model = new SeCnn();
        model.train();
        model.bn2.eval();
        model.ca1.fc.eval();
        using (var extractor = new ActivationExtractor(model, "conv3"))
        {
            Tensor mean = model.bn1.running_mean!.clone();
            using LayerActivations first = extractor.Run(randn(2, 3, 32, 32)),
                second = extractor.Run(randn(2, 3, 32, 32));
            Assert.True(mean.Equals(model.bn1.running_mean));
        }

        Assert.Equal(
            ["ca1.fc", "ca1.fc.0", "ca1.fc.1", "ca1.fc.2", "ca1.fc.3", "bn2"],
            model
                .named_modules()
                .Where(part => !part.module.training)
                .Select(part => part.name)
                .OrderBy(name => name == "bn2")
                .ThenBy(name => name, StringComparer.Ordinal)
        );
        Assert.True(model.training);
    }

    [Fact]
    public void A_disposed_extractor_and_disposed_activations_refuse_to_work()
    {
        using var model = new HandMade();
        var extractor = new ActivationExtractor(model, "conv");
        LayerActivations activations = extractor.Run(HandMade.Picture);
        extractor.Dispose();
        extractor.Dispose();
        activations.Dispose();
        activations.Dispose();
        Assert.Throws<ObjectDisposedException>(() =>
        {
            extractor.Run(HandMade.Picture);
        });
        Assert.Throws<ObjectDisposedException>(() =>
        {
            _ = activations["conv"];
        });
        Assert.Throws<ObjectDisposedException>(() =>
        {
            _ = activations.Output;
        });
        Assert.Equal(0, Live.HooksOn(model));
    }

    [Fact]
    public void Activations_read_like_a_dictionary()
    {
        using var model = new HandMade();
        using var extractor = new ActivationExtractor(model, "*");
        using LayerActivations activations = extractor.Run(HandMade.Picture);
        Assert.Equal(3, activations.Count);
        Assert.Equal(["conv", "relu", "fc"], activations.Select(pair => pair.Key));
        Assert.True(activations.TryGetValue("fc", out Tensor? fc));
        Assert.Equal([1, 2], fc!.shape);
        Assert.False(activations.TryGetValue("fx", out _));
        Assert.Contains(
            "Captured are conv, relu, fc",
            Assert
                .Throws<KeyNotFoundException>(() =>
                {
                    _ = activations["fx"];
                })
                .Message,
            StringComparison.Ordinal
        );
        Assert.Throws<InvalidOperationException>(() =>
        {
            activations.GradientOf("fc");
        });
    }

    [Fact]
    public void Nothing_leaks_whatever_happens()
    {
        using var model = new HandMade();
        bool broken = false;
        using var wrapped = new Composed(
            x => broken ? throw new InvalidDataException("broken") : model.call(x) + 0,
            ("inner", model)
        );
        using var throwing = new Composed(
            x => model.call(x) is var y && broken ? throw new InvalidDataException("broken") : y,
            ("inner", model)
        );
        using Tensor input = HandMade.Picture.DetachFromDisposeScope();
        foreach (Composed candidate in new[] { wrapped, throwing })
        {
            broken = false;
            Live.AssertNothingLeaks(() =>
            {
                using var extractor = new ActivationExtractor(candidate, "**");
                using LayerActivations plain = extractor.Run(input);
                using LayerActivations activations = extractor.RunWithGradients(input, y => y.select(1, 1));
            });
            Live.AssertNothingLeaks(() =>
            {
                using var extractor = new ActivationExtractor(candidate, "**");
                Assert.ThrowsAny<Exception>(() => extractor.RunWithGradients(input, y => y.select(1, 7)));
            });
            broken = true;
            Live.AssertNothingLeaks(() =>
            {
                using var extractor = new ActivationExtractor(candidate, "**");
                Assert.Throws<InvalidDataException>(() => extractor.RunWithGradients(input, y => y.select(1, 1)));
                Assert.Throws<InvalidDataException>(() => extractor.Run(input));
                Assert.True(Live.HooksOn(candidate) > 0);
            });
            Assert.Equal(0, Live.HooksOn(candidate));
        }
    }
}

using AttentionLab.Explain;
using AttentionLab.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain;

/// <summary>
/// Which layer is explained when none is named: the last spatial tensor that all paths pass, before it is only pooled.
/// </summary>
public sealed class DefaultLayerTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    private readonly Conv2d _conv = Conv2d(1, 2, kernel_size: 3, padding: 1),
        _second = Conv2d(2, 2, kernel_size: 3, padding: 1);
    private readonly ReLU _relu = ReLU(),
        _inPlace = ReLU(inplace: true);
    private readonly MaxPool2d _pool = MaxPool2d(2);
    private readonly Linear _fc = Linear(2, 3);

    public DefaultLayerTests() =>
        Fixture.WithFormulaWeights(new Composed(x => x, ("conv", _conv), ("second", _second), ("fc", _fc)));

    public void Dispose() => _scope.Dispose();

    private static Tensor Picture => Fixture.FormulaInput()[..2, ..1, ..8, ..8].contiguous();

    [Fact]
    public void In_the_networks_here_it_comes_after_ReLU_and_attention_and_before_pooling()
    {
        Assert.Equal("relu3", Layer(new Cnn(), Fixture.FormulaInput()));
        Assert.Equal("ca3", Layer(new SeCnn(), Fixture.FormulaInput()));
        Assert.Equal("layer3", Layer(new SeResNet(depth: 8), Fixture.FormulaInput()));
        Assert.Equal("layer3", Layer(new SeResNet(depth: 8, attention: c => new Cbam(c)), Fixture.FormulaInput()));
    }

    [Fact]
    public void Its_map_is_as_worked_out_by_hand()
    {
        // A₀ = [1, 2; 3, 4], A₁ = [2, 1; 0, 0] after the ReLU; weights 3/4 and −1/4.
        using var model = new HandMade();
        Explanation result = new GradCam().Explain(model, HandMade.Picture, new() { Target = Target.Class(0) })[0];
        Assert.Equal("relu", result.Layer);
        Assert.Equal([0.25f, 1.25f, 2.25f, 3f], result.Flat());
        Assert.Empty(result.Notes);
    }

    [Fact]
    public void A_pooling_at_the_end_is_passed_over_be_it_a_module_a_function_or_inside_a_block()
    {
        var block = new Composed(x => functional.max_pool2d(_relu.call(_conv.call(x)), 2), ("conv", _conv), ("relu", _relu));
        Assert.Equal("relu", Layer(x => _pool.call(_relu.call(_conv.call(x)))));
        Assert.Equal("relu", Layer(x => functional.avg_pool2d(_relu.call(_conv.call(x)), 2)));
        Assert.Equal(
            "block.relu",
            Layer(new Composed(x => _fc.call(block.call(x).mean([2, 3])), ("block", block), ("fc", _fc)), Picture)
        );

        // VGG on small pictures: 1×1 is left, which adaptive pooling enlarges again.
        AdaptiveAvgPool2d seven = AdaptiveAvgPool2d(7);
        MaxPool2d whole = MaxPool2d(8);
        Assert.Equal(
            "features.relu",
            Layer(
                Sequential(
                    ("features", Sequential(("conv", _conv), ("relu", _relu), ("pool", whole))),
                    ("avgpool", seven),
                    ("mean", new ChannelMean()),
                    ("flat", Flatten()),
                    ("fc", _fc)
                ),
                Picture
            )
        );
    }

    [Fact]
    public void A_pooling_before_the_last_ReLU_is_not_undone() =>
        Assert.Equal("relu", Layer(x => _relu.call(_pool.call(_conv.call(x)))));

    [Fact]
    public void A_block_has_the_name_and_not_the_layer_that_it_ends_in()
    {
        Module<Tensor, Tensor> features = Sequential(("conv", _conv), ("relu", _relu), ("drop", Dropout2d()));
        Assert.Equal(
            "features",
            Layer(Sequential(("features", features), ("mean", new ChannelMean()), ("flat", Flatten()), ("fc", _fc)), Picture)
        );
    }

    [Fact]
    public void What_only_one_of_several_paths_passes_is_not_taken()
    {
        // A shortcut around the last convolution, and a map of weights beside the features.
        Assert.Equal("relu", Layer(x => _relu.call(_conv.call(x)) is var y ? _second.call(y) + y : y));
        using Conv2d gate = Conv2d(2, 1, kernel_size: 3, padding: 1);
        Assert.Equal("relu", Layer(x => _relu.call(_conv.call(x)) is var y ? y * gate.call(y).sigmoid() : y, ("gate", gate)));
    }

    [Fact]
    public void Where_all_paths_meet_nowhere_the_result_says_so()
    {
        using Conv2d other = Conv2d(1, 2, kernel_size: 1);
        Explanation result = new GradCam().Explain(
            Model(x => _relu.call(_conv.call(x)).mean([2, 3]) + other.call(x).mean([2, 3]), ("other", other)),
            Picture
        )[0];
        Assert.Equal("other", result.Layer);
        Assert.Contains("other, the last one, was taken", result.Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_ReLU_by_a_function_cannot_be_hooked_and_the_result_says_so()
    {
        foreach (
            Func<Tensor, Tensor> relu in new Func<Tensor, Tensor>[]
            {
                x => functional.relu(x),
                x => functional.relu(x, inplace: true),
                x => x.relu(),
            }
        )
        {
            Explanation result = new GradCam().Explain(Model(x => functional.max_pool2d(relu(_conv.call(x)), 2)), Picture)[0];
            Assert.Equal("conv", result.Layer);
            Assert.Contains(
                "grad-cam: conv was taken, whose values are those before a ReLU",
                result.Notes[0],
                StringComparison.Ordinal
            );
        }

        // Negative values that count do not indicate one.
        Explanation plain = new GradCam().Explain(Model(x => _conv.call(x)), Picture)[0];
        Assert.Equal("conv", plain.Layer);
        Assert.Empty(plain.Remarks);
    }

    [Fact]
    public void Modules_used_several_times_are_explained_at_their_last_use_with_height_and_width()
    {
        // The tutorial's own way: one ReLU and one pooling for all, the last ReLU behind a linear layer.
        using ReLU relu1 = ReLU(),
            relu2 = ReLU(),
            relu3 = ReLU();
        using MaxPool2d pool1 = MaxPool2d(2),
            pool2 = MaxPool2d(2);
        using Linear hidden = Linear(8, 2);
        Tensor Forward(Tensor x, ReLU a, ReLU b, ReLU c, MaxPool2d p, MaxPool2d q)
        {
            x = p.call(a.call(_conv.call(x)));
            x = q.call(b.call(_second.call(x)));
            return _fc.call(c.call(hidden.call(x.flatten(1))));
        }

        using var shared = new Composed(
            x => Forward(x, _relu, _relu, _relu, _pool, _pool),
            ("conv", _conv),
            ("second", _second),
            ("relu", _relu),
            ("pool", _pool),
            ("hidden", hidden),
            ("fc", _fc)
        );
        using var separate = new Composed(
            x => Forward(x, relu1, relu2, relu3, pool1, pool2),
            ("conv", _conv),
            ("second", _second),
            ("relu1", relu1),
            ("relu2", relu2),
            ("relu3", relu3),
            ("pool1", pool1),
            ("pool2", pool2),
            ("hidden", hidden),
            ("fc", _fc)
        );
        foreach (string name in new[] { "grad-cam", "score-cam", "ablation-cam", "eigen-cam" })
        {
            ExplanationMethod method = ExplanationMethods.Get(name);
            Explanation once = method.Explain(separate, Picture)[0],
                several = method.Explain(shared, Picture)[0];
            Assert.Equal(("relu2", "relu"), (once.Layer, several.Layer));
            Assert.Equal(4, several.Maps[0].Height);
            Assert.Equal(once.Flat(), several.Flat());
        }
    }

    [Fact]
    public void A_ReLU_in_place_is_a_layer_of_its_own()
    {
        using Module<Tensor, Tensor> plain = Model(x => _pool.call(_relu.call(_conv.call(x)))),
            inPlace = Model(x => _pool.call(_inPlace.call(_conv.call(x))));
        Explanation a = new GradCam().Explain(plain, Picture)[0],
            b = new GradCam().Explain(inPlace, Picture)[0];
        Assert.Equal(("relu", "inplace"), (a.Layer, b.Layer));
        Assert.Equal(a.Flat(), b.Flat());
    }

    [Fact]
    public void Any_type_of_number_and_a_frozen_model_do()
    {
        foreach (ScalarType type in new[] { float64, bfloat16 })
        {
            Module<Tensor, Tensor> model = Model(x => _pool.call(_relu.call(_conv.call(x)))).to(type);
            foreach (Parameter parameter in model.parameters())
            {
                parameter.requires_grad = false;
            }

            Assert.Equal("relu", new GradCam().Explain(model, Picture.to(type))[0].Layer);
        }
    }

    [Fact]
    public void Without_height_and_width_there_is_no_map()
    {
        using var none = new Composed(x => x.flatten(1));
        Assert.Throws<ArgumentException>(() => new GradCam().Explain(none, HandMade.Picture));
        using Module<Tensor, Tensor> scale = new Composed(x => x * 2),
            flat = Flatten();
        using var bare = new Composed(x => flat.call(scale.call(x)), ("flat", flat), ("scale", scale));
        Assert.Equal("scale", new GradCam().Explain(bare, HandMade.Picture)[0].Layer);
    }

    private Composed Model(Func<Tensor, Tensor> features, params (string Name, Module Part)[] more) =>
        new(
            x => _fc.call(features(x) is var y && y.dim() == 4 ? y.mean([2, 3]) : y),
            [("conv", _conv), ("second", _second), ("relu", _relu), ("inplace", _inPlace), ("pool", _pool), ("fc", _fc), .. more]
        );

    private string Layer(Func<Tensor, Tensor> features, params (string Name, Module Part)[] more) =>
        Layer(Model(features, more), Picture);

    private static string Layer(Module<Tensor, Tensor> model, Tensor input)
    {
        Explanation result = new GradCam().Explain(model, input)[0];
        Assert.Empty(result.Remarks);
        return result.Layer;
    }
}

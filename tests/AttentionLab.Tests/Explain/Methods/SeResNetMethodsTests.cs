using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Sequential = TorchSharp.Modules.Sequential;

namespace AttentionLab.Tests.Explain.Methods;

/// <summary>
/// All methods on residual networks with each kind of attention, and on one of plain containers with in-place ReLUs.
/// </summary>
[Trait("Kind", "Numeric")]
public sealed class SeResNetMethodsTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _input = Fixture.FormulaInput()[..2, .., ..16, ..12].contiguous();

    public static TheoryData<string> Names =>
        [.. ExplanationMethods.All.Where(method => method is not AttentionMethod).Select(method => method.Name)];

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Maps_are_finite_and_show_something_and_nothing_stays_behind(string name)
    {
        ExplanationMethod method = name == "occlusion" ? new Occlusion { Window = 4, Stride = 4 } : FewSamples.Get(name);
        foreach (string kind in new[] { "se8", "eca8", "cbam8" })
        {
            using SeResNet model = Fixture.WithFormulaWeights(SeResNetTests.Create(kind));
            IReadOnlyList<Explanation> results = method.Explain(model, _input);
            Assert.All(
                results,
                result =>
                {
                    float[] values = [.. result.Flat()];
                    Assert.All(values, value => Assert.True(float.IsFinite(value)));
                    Assert.True(values.Max() > values.Min(), $"The maps of {name} at {result.Layer} of {kind} are of one value.");
                }
            );
            if (name == "se-map")
            {
                string part = kind == "cbam8" ? "se.channel" : "se";
                Assert.Equal(
                    [$"layer1.0.{part}", $"layer2.0.{part}", $"layer3.0.{part}"],
                    results.Select(result => result.Layer)
                );
            }
            else if (results[0].Layer != ActivationExtractor.Input)
            {
                // The stage's end; for the tutorial's channels the last convolution, and not CBAM's, which outputs one channel.
                Assert.Equal(name == "channels" ? "layer3.0.conv2" : "layer3", Assert.Single(results).Layer);
                (int, int) size = name == "guided-grad-cam" ? (16, 12) : (4, 3); // of the picture, or of the layer
                Assert.Equal(size, (results[0].Maps[0].Height, results[0].Maps[0].Width));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_leaks(string name)
    {
        ExplanationMethod method = name == "occlusion" ? new Occlusion { Window = 8, Stride = 8 } : FewSamples.Get(name);
        using SeResNet model = Fixture.WithFormulaWeights(SeResNetTests.Create("cbam8"));
        using Tensor input = _input[..1, .., ..8, ..8].contiguous().DetachFromDisposeScope();
        Live.AssertNothingLeaks(() => method.Explain(model, input));
        Assert.Equal(0, Live.HooksOn(model));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void In_place_ReLUs_in_nested_containers_change_no_map(string name)
    {
        if (name == "se-map")
        {
            return; // no attention in it
        }

        using nn.Module<Tensor, Tensor> plain = Plain(inplace: false),
            inPlace = Plain(inplace: true);
        ExplanationMethod method = name == "occlusion" ? new Occlusion { Window = 4, Stride = 4 } : FewSamples.Get(name);
        Explanation expected = method.Explain(plain, _input)[0],
            actual = method.Explain(inPlace, _input)[0];
        Assert.Equal(expected.Maps, actual.Maps);
        Assert.Contains(expected.Flat(), value => value != 0);

        static nn.Module<Tensor, Tensor> Plain(bool inplace)
        {
            Sequential Block(int from, int to) =>
                Sequential(
                    ("conv", Conv2d(from, to, kernel_size: 3, padding: 1)),
                    ("bn", BatchNorm2d(to)),
                    ("relu", ReLU(inplace)),
                    ("pool", MaxPool2d(2))
                );
            nn.Module<Tensor, Tensor> model = Fixture.WithFormulaWeights<nn.Module<Tensor, Tensor>>(
                Sequential(
                    ("features", Sequential(("first", Block(3, 16)), ("second", Block(16, 16)))),
                    ("pool", AdaptiveAvgPool2d(1)),
                    ("flat", Flatten()),
                    ("fc", Linear(16, 3))
                )
            );
            return model;
        }
    }

    [Theory]
    [InlineData("gradients")]
    [InlineData("grad-cam")]
    [InlineData("score-cam")]
    [InlineData("ablation-cam")]
    [InlineData("occlusion")]
    public void Networks_whose_channels_are_no_multiple_of_16_have_the_maps_of_double_precision(string name)
    {
        using Sequential model = Sequential(
            ("conv1", Conv2d(3, 20, kernel_size: 3, padding: 1)),
            ("relu1", ReLU()),
            ("conv2", Conv2d(20, 7, kernel_size: 3, padding: 1)),
            ("relu2", ReLU()),
            ("pool", AdaptiveAvgPool2d(1)),
            ("flat", Flatten()),
            ("fc", Linear(7, 3))
        );
        Fixture.WithFormulaWeights(model);
        ExplanationMethod method = name == "occlusion" ? new Occlusion { Window = 4, Stride = 4 } : FewSamples.Get(name);
        float[] single = Map(ScalarType.Float32),
            twice = Map(ScalarType.Float64);

        // What float32 computes is exact for weights that are off by the rounding of all additions, forward and back. How much
        // that moves the map is tried with four such weights, and three times the most is allowed (statistical condition
        // estimation: Kenney, Laub, SIAM J. Sci. Comput. 15, 1994).
        double moved = Enumerable
            .Range(0, 4)
            .Max(seed => Difference(twice, Moved(Tolerance.Float32(2 * (27 + 180 + 64 + 7)), seed)));
        Assert.InRange(Difference(twice, single), 0, 3 * moved);

        static double Difference(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Abs((double)x - y)).Max();

        float[] Moved(double by, long seed)
        {
            using IDisposable noGradients = no_grad();
            random.manual_seed(seed);
            Tensor[] kept = [.. model.parameters().Select(weight => weight.detach().clone())];
            foreach (Tensor weight in model.parameters())
            {
                weight.mul_(1 + (by * randn_like(weight)));
            }

            float[] map = Map(ScalarType.Float64);
            foreach ((Tensor weight, Tensor before) in model.parameters().Zip(kept))
            {
                weight.copy_(before);
            }

            return map;
        }

        float[] Map(ScalarType type)
        {
            model.to(type);
            return [.. method.Explain(model, _input.to(type), new() { Target = Target.Class(1) })[0].Flat()];
        }
    }

    [Theory]
    [InlineData("se8", "se", "fc")]
    [InlineData("eca8", "se", "sigmoid")]
    [InlineData("cbam8", "se.channel", "sigmoid")]
    public void Channel_weights_of_every_kind_are_found(string kind, string block, string layer)
    {
        using SeResNet model = Fixture.WithFormulaWeights(SeResNetTests.Create(kind));
        IReadOnlyList<ChannelWeights> weights = ChannelWeights.Of(model, _input);
        Assert.Equal([$"layer1.0.{block}", $"layer2.0.{block}", $"layer3.0.{block}"], weights.Select(w => w.Block));
        Assert.Equal([16, 32, 64], weights.Select(w => w.Values.GetLength(1)));

        using var extractor = new ActivationExtractor(model, $"layer3.0.{block}.{layer}");
        using LayerActivations seen = extractor.Run(_input);
        Assert.Equal(seen[$"layer3.0.{block}.{layer}"].flatten().data<float>().ToArray(), weights[2].Values.Cast<float>());
        Assert.All(weights[2].Values.Cast<float>(), value => Assert.InRange(value, 0, 1));
    }
}

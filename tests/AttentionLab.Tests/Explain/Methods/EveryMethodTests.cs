using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain.Methods;

/// <summary>
/// What holds for all methods alike, on a small network with channel attention; of transformers' methods on a small transformer.
/// </summary>
[Trait("Kind", "Numeric")]
public sealed class EveryMethodTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly SeCnn _cnn = Fixture.WithFormulaWeights(new SeCnn(classes: 3, imageSize: 8));
    private readonly SmallTransformer _transformer = Fixture.WithFormulaWeights(new SmallTransformer());
    private readonly Tensor _input = Fixture.FormulaInput()[.., .., ..8, ..8].contiguous();

    public static TheoryData<string> Names => [.. ExplanationMethods.Names];

    public void Dispose()
    {
        _cnn.Dispose();
        _transformer.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Names_are_kebab_case_and_methods_are_found_by_them()
    {
        Assert.Equal(
            "activation-map channels se-map eigen-cam kpca-cam fem grad-cam grad-cam++ xgrad-cam hires-cam layer-cam finer-cam "
                + "shapley-cam eigen-grad-cam guided-grad-cam score-cam ablation-cam attention-rollout "
                + "gradient-weighted-attention full-grad gradients smooth-grad integrated-gradients gradient-shap deep-lift "
                + "lrp-epsilon lrp-gamma guided-backpropagation deconvolution occlusion rise lime kernel-shap",
            string.Join(' ', ExplanationMethods.Names)
        );
        Assert.All(ExplanationMethods.Names, name => Assert.Equal(name, ExplanationMethods.Get(name).Name));
        Assert.Equal("grad-cam++", ExplanationMethods.Get("GradCAM_plus_plus").Name);
        Assert.Contains(
            "Known, nearest first: grad-cam,",
            Assert.Throws<ArgumentException>(() => ExplanationMethods.Get("grad-can")).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Maps_are_the_same_frozen_or_not_in_train_mode_or_not_whatever_the_batches(string name)
    {
        Module<Tensor, Tensor> model = ModelFor(name);
        model.eval();
        float[] expected = Map(name, new());
        if (name != "fem") // of four places none lies two deviations above the mean
        {
            Assert.Contains(expected, value => value != 0);
        }

        foreach (TorchSharp.Modules.Parameter parameter in model.parameters())
        {
            parameter.requires_grad = false;
        }

        model.train();
        Assert.Equal(expected, Map(name, new()));
        using (inference_mode())
        {
            Assert.Equal(expected, Map(name, new()));
        }

        Assert.All(model.modules(), part => Assert.True(part.training));
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_batch_size_changes_nothing_but_the_last_digit(string name)
    {
        // In double precision, where rounding cannot hide a mistake: what is left is the map's own rounding to float32.
        Module<Tensor, Tensor> model = ModelFor(name).to(ScalarType.Float64);
        Tensor input = _input.to(ScalarType.Float64);
        float[] Map(int batchSize) =>
            [
                .. ExplanationMethods
                    .Get(name)
                    .Explain(model, input, new() { BatchSize = batchSize })
                    .SelectMany(result => result.Flat()),
            ];
        float[] expected = Map(64);
        double tolerance = 2 * Tolerance.Float32Unit * expected.Max(Math.Abs);
        Assert.Equal(expected, Map(3), (a, b) => Math.Abs(a - b) <= tolerance);
        Assert.Equal(expected, Map(1), (a, b) => Math.Abs(a - b) <= tolerance);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_leaks_in_the_normal_case_with_a_wrong_target_and_with_a_model_that_throws(string name)
    {
        ExplanationMethod method = FewSamples.Get(name);
        bool broken = false;
        Module<Tensor, Tensor> inner = ModelFor(name);
        using var model = new Composed(
            x => inner.call(x) is var y && broken ? throw new InvalidDataException("broken") : y,
            ("inner", inner)
        );
        ExplanationOptions options = new() { BatchSize = 16 };
        using Tensor input = _input[..1].DetachFromDisposeScope();
        Live.AssertNothingLeaks(() => method.Explain(model, input, options));
        Live.AssertNothingLeaks(() =>
            Assert.Throws<ArgumentOutOfRangeException>(() =>
                method.Explain(model, input, options with { Target = Target.Class(3) })
            )
        );
        broken = true;
        Live.AssertNothingLeaks(() => Assert.Throws<InvalidDataException>(() => method.Explain(model, input, options)));
        Assert.Equal(0, Live.HooksOn(model));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Progress_grows_to_1_and_cancellation_is_heard(string name)
    {
        var told = new List<double>();
        using var cancellation = new CancellationTokenSource();
        ExplanationMethod method = FewSamples.Get(name);
        Module<Tensor, Tensor> model = ModelFor(name);
        method.Explain(model, _input, new() { Progress = new Listener(told.Add) });
        Assert.Equal(told.Order(), told);
        Assert.Equal(1, told[^1], Tolerance.RoundingInDouble(told.Count));

        Assert.Throws<OperationCanceledException>(() =>
            method.Explain(
                model,
                _input,
                new()
                {
                    Cancellation = cancellation.Token,
                    Progress = new Listener(_ => cancellation.Cancel()),
                    BatchSize = 2,
                }
            )
        );
        Assert.Equal(0, Live.HooksOn(model));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_picture_is_explained_for_its_own_class(string name)
    {
        ExplanationMethod method = FewSamples.Get(name);
        Module<Tensor, Tensor> model = ModelFor(name);
        Explanation all = method.Explain(model, _input, new() { Target = Target.Classes(0, 1, 2, 0), BatchSize = 3 })[0],
            alone = method.Explain(model, _input[1..2], new() { Target = Target.Class(1), BatchSize = 3 })[0];
        Assert.Equal([0, 1, 2, 0], all.Classes);
        double tolerance = 1e-5 * alone.Flat().Max(Math.Abs);
        Assert.Equal(alone[0].Flat(), all[1].Flat(), (a, b) => Math.Abs(a - b) <= tolerance);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_input_is_left_as_it_was_also_when_the_model_writes_into_it(string name)
    {
        using var first = ReLU(inplace: true);
        Module<Tensor, Tensor> rest = ModelFor(name);
        using var model = new Composed(x => rest.call(first.call(x)), ("first", first), ("rest", rest));
        Tensor before = _input.clone();
        FewSamples.Get(name).Explain(model, _input, new() { Layers = [] });
        Assert.True(before.Equals(_input));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Smoothing_averages_what_versions_turned_back_show(string name)
    {
        if (name is "smooth-grad")
        {
            return; // its noise is not turned over with the picture
        }

        ExplanationMethod method = FewSamples.Get(name);
        ExplanationOptions options = new() { Target = Target.Class(1) };
        float[] plain = Map(name, options),
            flipped =

            [
                .. method
                    .Explain(ModelFor(name), _input.flip(3), options)
                    .SelectMany(result => Enumerable.Range(0, 4).SelectMany(picture => MirrorImage(result[picture]))),
            ];
        float[] smooth = Map(name, options with { Smoothing = new TestTimeSmoothing { Zooms = [1] } });

        // The same passes, so that only the mean rounds.
        double tolerance = 4 * Tolerance.Float32Unit * plain.Concat(flipped).Max(Math.Abs);
        Assert.Equal(plain.Zip(flipped, (a, b) => (a + b) / 2), smooth, (a, b) => Math.Abs(a - b) <= tolerance);
        Assert.Equal(
            plain,
            Map(
                name,
                options with
                {
                    Smoothing = new TestTimeSmoothing { Flip = false, Zooms = [] },
                }
            )
        );
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_Sequential_of_the_same_layers_has_the_same_maps(string name)
    {
        if (name == "se-map" || IsOfTransformers(name))
        {
            return; // there is no attention in it
        }

        foreach (bool inplace in new[] { false, true })
        {
            using var model = new HandMade(inplace);
            using var features = Sequential(("conv", model.conv), ("relu", model.relu));
            using var sequential = Sequential(("features", features), ("flat", Flatten()), ("fc", model.fc));
            ExplanationMethod method = name == "occlusion" ? new Occlusion { Window = 1 } : FewSamples.Get(name);
            Explanation expected = method.Explain(model, HandMade.Picture)[0],
                result = method.Explain(sequential, HandMade.Picture)[0];
            Assert.Equal(expected.Flat(), result.Flat());
            Assert.Equal(
                expected.Layer switch
                {
                    "relu" => "features",
                    "conv" => "features.conv", // the tutorial's channels
                    _ => "input",
                },
                result.Layer
            );
        }
    }

    [Theory]
    [InlineData("grad-cam")]
    [InlineData("ablation-cam")]
    [InlineData("full-grad")]
    public void Of_a_layer_used_twice_the_last_use_is_explained_and_all_its_biases_count(string name)
    {
        // a₁ = 2x + 1 = 3, a₂ = 2a₁ + 1 = 7, y = 5·a₂: the gradient is 5 at a₂, 10 at a₁, 20 at x.
        using var conv = Conv2d(1, 1, kernel_size: 1);
        using (no_grad())
        {
            conv.weight.fill_(2);
            conv.bias!.fill_(1);
        }

        using var model = new Composed(x => 5 * conv.call(conv.call(x)).mean([2, 3]), ("conv", conv));
        Explanation result = FewSamples.Get(name).Explain(model, cat([ones(1, 1, 2, 1), zeros(1, 1, 2, 1)], 3))[0];
        float[] expected = name switch
        {
            "grad-cam" => [5 * 7 / 4f, 5 * 3 / 4f, 5 * 7 / 4f, 5 * 3 / 4f], // a₂ = 7 for x = 1, 3 for x = 0; the mean's gradient is 5/4
            "ablation-cam" => [7, 3, 7, 3], // all of the score is lost
            _ => [1, 0, 1, 0], // the input's x·20/4, scaled; the biases are the same everywhere, which scales to 0
        };
        double tolerance = 5 * 7 * Tolerance.Rounding(8); // the score, of which ablation-cam takes a share, is 5·7 at most
        Assert.Equal(expected, result.Flat(), (a, b) => Math.Abs(a - b) <= tolerance);
    }

    [Fact]
    public void Hundreds_of_calls_leave_as_many_tensors_as_one()
    {
        using var model = new HandMade();
        using Tensor input = HandMade.Picture.DetachFromDisposeScope();
        string[] names =
        [
            .. ExplanationMethods
                .Names.Except(["se-map", "occlusion", "smooth-grad", "integrated-gradients"])
                .Where(name => !IsOfTransformers(name)),
        ];
        Live.AssertNothingLeaks(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                FewSamples.Get(names[i % names.Length]).Explain(model, input);
            }
        });
    }

    private static bool IsOfTransformers(string name) => ExplanationMethods.Get(name) is AttentionMethod;

    private Module<Tensor, Tensor> ModelFor(string name) => IsOfTransformers(name) ? _transformer : _cnn;

    private static IEnumerable<float> MirrorImage(Heatmap map) => map.Flat().Chunk(map.Width).SelectMany(row => row.Reverse());

    private float[] Map(string name, ExplanationOptions options) =>
        [.. FewSamples.Get(name).Explain(ModelFor(name), _input, options).SelectMany(result => result.Flat())];

    private sealed class Listener(Action<double> told) : IProgress<double>
    {
        public void Report(double value) => told(value);
    }
}

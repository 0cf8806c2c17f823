using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain.Methods;

[Trait("Kind", "Numeric")]
public sealed class ClassActivationMapTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    public static IEnumerable<TheoryDataRow<string, string>> Cases =>
        from network in new[] { "plain", "se" }
        from method in new[] { "grad_cam", "hires_cam", "layer_cam" }
        select new TheoryDataRow<string, string>(network, method);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Maps_are_those_of_PyTorchs_gradients(string network, string method)
    {
        using Module<Tensor, Tensor> model = Fixture.WithFormulaWeights(NetworkTests.Create(network));
        Explanation result = Assert.Single(Method(method).Explain(model, Fixture.FormulaInput(), new() { Layers = ["conv3"] }));
        Tensor expected = Fixture.Formula[$"{network}/{method}"];
        var tolerance = new ParityTolerance(Fixture.Formula, network);
        Fixture.AssertClose(expected, tensor([.. result.Flat()], expected.shape), tolerance.Cam(method), method);
        Assert.Equal("conv3", result.Layer);
        Assert.Equal(method.Replace('_', '-'), result.Method);
        Assert.Equal(Fixture.Formula[$"{network}/pred"].data<long>(), result.Classes.Select(index => (long)index));
        Assert.Equal(result.Classes, result.Predictions);
        Fixture.AssertClose(
            Fixture.Formula[$"{network}/logits"],
            tensor([.. result.Logits.Cast<float>()], [4, 10]),
            tolerance.Logits,
            "logits"
        );
    }

    [Theory]
    [MemberData(nameof(NetworkTests.Both), MemberType = typeof(NetworkTests))]
    public void Grad_CAM_of_photographs_is_PyTorchs_also_enlarged(string network)
    {
        Dictionary<string, Tensor> expected = Safetensors.Load(Fixture.Shared("parity/expected.safetensors"));
        using Module<Tensor, Tensor> model = Expected.Model(network);
        Explanation result = new GradCam().Explain(model, expected["input"], new() { Layers = ["conv3"] })[0];
        double tolerance = new ParityTolerance(expected, $"{network}_seed0").Cam("gradcam"),
            enlarged = ParityTolerance.Enlarged(expected[$"{network}_seed0/gradcam"], tolerance);
        Fixture.AssertClose(expected[$"{network}_seed0/gradcam"], tensor([.. result.Flat()], [8, 8, 8]), tolerance, "gradcam");
        for (int picture = 0; picture < 8; picture++)
        {
            Fixture.AssertClose(
                expected[$"{network}_seed0/gradcam_zoom3"][picture],
                tensor(result[picture].MinMax().ResizeCornerAligned(32, 32).Flat(), [32, 32]),
                enlarged,
                "gradcam_zoom3"
            );
        }

        foreach (Tensor value in expected.Values)
        {
            value.Dispose();
        }
    }

    // A₀ = [1, 2; 3, 4], A₁ = [2, 1; 0, −1] at conv; the gradient of y₀ is [1, 2; 0, 0] and [−1, 0; 0, 0].
    [Theory]
    [InlineData("grad_cam", true, "0.25 1.25 2.25 3.25")] // weights 3/4 and −1/4
    [InlineData("grad_cam", false, "0.25 1.25 2.25 3.25")]
    [InlineData("hires_cam", true, "0 4 0 0")] // 1·1 − 1·2, 2·2
    [InlineData("hires_cam", false, "-1 4 0 0")]
    [InlineData("layer_cam", true, "1 4 0 0")]
    public void Maps_are_as_worked_out_by_hand(string method, bool rectify, string expected)
    {
        foreach (bool inplace in new[] { false, true })
        {
            using var model = new HandMade(inplace);
            Explanation result = Method(method, rectify)
                .Explain(model, HandMade.Picture, new() { Layers = ["conv"], Target = Target.Class(0) })[0];
            Assert.Equal(
                expected.Split(' ').Select(value => float.Parse(value, System.Globalization.CultureInfo.InvariantCulture)),
                result.Flat(),
                (a, b) => Math.Abs(a - b) <= 4 * Tolerance.Rounding(8) // of values up to 4
            );
            Assert.Equal([0], result.Classes);
        }
    }

    [Fact]
    public void A_target_is_any_class_one_for_each_picture_a_difference_or_any_score()
    {
        using var model = new HandMade();
        Tensor two = cat([HandMade.Picture, HandMade.Picture]);
        float[] Map(Target target, Tensor input) =>
            [
                .. new HiResCam { Rectify = false }
                    .Explain(model, input, new() { Layers = ["conv"], Target = target })[0]
                    .Flat(),
            ];

        Assert.Equal([2, 1, 0, 0], Map(Target.Class(1), HandMade.Picture));
        Assert.Equal([2, 1, 0, 0, -1, 4, 0, 0], Map(Target.Classes(1, 0), two));
        Assert.Equal([-3, 3, 0, 0], Map(Target.Difference(0, 1), HandMade.Picture));
        Assert.Equal([4, 2, 0, 0], Map(Target.Score("twice class 1", logits => 2 * logits.select(1, 1)), HandMade.Picture));
        Explanation difference = new GradCam().Explain(model, HandMade.Picture, new() { Target = Target.Difference(0, 1) })[0];
        Assert.Equal(("class 0 and not 1", -1), (difference.Target, difference.Classes[0]));
    }

    [Fact]
    public void Targets_that_do_not_exist_are_refused()
    {
        using var model = new HandMade();
        Explanation Explain(Target target) => new GradCam().Explain(model, HandMade.Picture, new() { Target = target })[0];
        Assert.Contains(
            "classes 0 to 1; there is no class 2",
            Assert.Throws<ArgumentOutOfRangeException>(() => Explain(Target.Class(2))).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => Explain(Target.Class(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Explain(Target.Difference(0, 2)));
        Assert.Throws<ArgumentException>(() => Explain(Target.Difference(1, 1)));
        Assert.Contains(
            "2 classes for 1 pictures",
            Assert.Throws<ArgumentException>(() => Explain(Target.Classes(0, 1))).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<InvalidOperationException>(() => Explain(Target.Score("all", logits => logits)));
        Assert.Throws<InvalidOperationException>(() => Explain(Target.Score("cut", logits => logits.select(1, 0).detach())));
    }

    [Fact]
    public void Pictures_and_layers_that_cannot_be_explained_are_refused()
    {
        using var model = new HandMade();
        var method = new GradCam();
        Assert.Throws<ArgumentException>(() => method.Explain(model, zeros(1, 2, 2)));
        Assert.Throws<ArgumentException>(() => method.Explain(model, zeros(0, 1, 2, 2)));
        Assert.Throws<ArgumentException>(() => method.Explain(model, zeros([1, 1, 2, 2], int64)));
        Assert.Throws<ArgumentException>(() => method.Explain(model, full([1, 1, 2, 2], double.NaN)));
        Assert.Contains(
            "'fc' outputs 1×2",
            Assert.Throws<ArgumentException>(() => method.Explain(model, HandMade.Picture, new() { Layers = ["fc"] })).Message,
            StringComparison.Ordinal
        );
        using (no_grad())
        {
            model.conv.bias!.fill_(float.NaN);
        }

        Assert.Contains(
            "NaN",
            Assert.Throws<InvalidOperationException>(() => method.Explain(model, HandMade.Picture)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Several_layers_give_several_maps_at_their_own_sizes()
    {
        using var model = new SeCnn(seed: 1);
        IReadOnlyList<Explanation> results = new GradCam().Explain(model, Fixture.FormulaInput(), new() { Layers = ["conv*"] });
        Assert.Equal(
            [("conv1", 32), ("conv2", 16), ("conv3", 8)],
            results.Select(result => (result.Layer, result.Maps[0].Width))
        );
    }

    [Fact]
    public void A_map_that_is_zero_everywhere_is_stated()
    {
        using var model = new HandMade();
        Explanation result = new HiResCam().Explain(
            model,
            HandMade.Picture,
            new() { Target = Target.Score("minus class 1", logits => -logits.select(1, 1)) }
        )[0];
        Assert.Equal([0], result.Blank);
    }

    [Fact]
    public void A_method_of_ones_own_is_a_few_lines()
    {
        using var model = new HandMade();
        Explanation result = new Plain().Explain(model, HandMade.Picture, new() { Layers = ["conv"] })[0];
        Assert.Equal(("plain", "conv"), (result.Method, result.Layer));
        Assert.Equal([3, 3, 3, 3], result[0].Flat());
    }

    [Fact]
    public void Weights_of_another_shape_are_refused()
    {
        using var model = new HandMade();
        Assert.Contains(
            "returned 1×2×2; its base class asks for 1×2×1×1 or 1×2×2×2",
            Assert.Throws<InvalidOperationException>(() => new Plain { Drop = true }.Explain(model, HandMade.Picture)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Nothing_leaks_whatever_happens()
    {
        using var model = new HandMade();
        bool broken = false;
        using var wrapped = new Composed(
            x => model.call(x) is var y && broken ? throw new InvalidDataException("broken") : y,
            ("inner", model)
        );
        using Tensor input = HandMade.Picture.DetachFromDisposeScope();
        var method = new GradCam();
        Live.AssertNothingLeaks(() => method.Explain(wrapped, input));
        Live.AssertNothingLeaks(() =>
            Assert.Throws<ArgumentOutOfRangeException>(() => method.Explain(wrapped, input, new() { Target = Target.Class(5) }))
        );
        broken = true;
        Live.AssertNothingLeaks(() => Assert.Throws<InvalidDataException>(() => method.Explain(wrapped, input)));
        Assert.Equal(0, Live.HooksOn(wrapped));
    }

    private static ClassActivationMap Method(string name, bool rectify = true) =>
        name switch
        {
            "grad_cam" => new GradCam { Rectify = rectify },
            "hires_cam" => new HiResCam { Rectify = rectify },
            _ => new LayerCam { Rectify = rectify },
        };

    private sealed class Plain : ClassActivationMap
    {
        public override string Name => "plain";

        public bool Drop { get; init; }

        protected override Tensor Weights(Tensor activation, Tensor gradient) => Drop ? gradient.mean([1]) : ones_like(gradient);
    }
}

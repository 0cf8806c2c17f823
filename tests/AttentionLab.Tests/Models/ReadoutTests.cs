using AttentionLab.Explain;
using AttentionLab.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Models;

/// <summary>Networks of other kinds, and targets of several classes, by hand.</summary>
[Trait("Kind", "Numeric")]
public sealed class ReadoutTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _picture = tensor([1f, 2, 3, 4], [1, 1, 2, 2]);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void A_region_of_a_segmentation_is_asked_like_a_class()
    {
        // Two classes, 3x and −x, over the upper row: the mean 3·(1 + 2)/2, and each pixel there has the gradient 3/2.
        using Readout row = Readout.OfRegion(
            Segmentation(),
            new[,]
            {
                { true, true },
                { false, false },
            }
        );
        Explanation result = new Gradients().Explain(row, _picture, new() { Target = Target.Class(0) })[0];
        Assert.Equal([4.5f, -1.5f], result.Logits.Cast<float>());
        Assert.Equal([1.5f, 1.5f, 0, 0], result[0].Values.ToArray());

        // At the layer the first channel has the mean gradient ½ · 2/4: a quarter of 3, 6, 9, 12.
        Explanation map = new GradCam().Explain(row, _picture, new() { Target = Target.Class(0), Layers = ["network.classes"] })[
            0
        ];
        Assert.Equal([0.75f, 1.5f, 2.25f, 3], map[0].Values.ToArray());
    }

    [Fact]
    public void Any_function_of_an_output_is_asked()
    {
        using var largest = new Readout(Segmentation(), output => output.flatten(2).amax([2]));
        Assert.Equal(
            [0, 0, 0, 3f],
            new Gradients().Explain(largest, _picture, new() { Target = Target.Class(0) })[0][0].Values.ToArray()
        );
    }

    [Fact]
    public void Regions_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Readout.OfRegion(Segmentation(), new bool[2, 2]));
        using Readout large = Readout.OfRegion(
            Segmentation(),
            new[,]
            {
                { true, true, true },
            }
        );
        Assert.Contains(
            "N×K×1×3; the network returned 1×2×2×2",
            Assert.Throws<InvalidOperationException>(() => new Gradients().Explain(large, _picture)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Classes_together_have_the_sum_of_their_gradients()
    {
        using Module<Tensor, Tensor> model = Sequential(Flatten(), Head());
        ExplanationOptions together = new() { Target = Target.Together(0, 2), Output = OutputKind.Logits };
        Explanation result = new Gradients { Pooling = ColourPooling.Sum }.Explain(model, _picture, together)[0];
        Assert.Equal([1f + 9, 2 + 10, 3 + 11, 4 + 12], result[0].Values.ToArray());
        Assert.Equal(("classes 0 and 2 together", -1), (result.Target, result.Classes[0]));
        Assert.Throws<ArgumentException>(() => Target.Together());
        Assert.Throws<ArgumentException>(() => Target.Together(1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new Gradients().Explain(model, _picture, together with { Target = Target.Together(0, 3) })
        );
    }

    private static Module<Tensor, Tensor> Segmentation()
    {
        Conv2d conv = Conv2d(1, 2, 1, bias: false);
        conv.weight = new Parameter(tensor([3f, -1], [2, 1, 1, 1]));
        return Sequential(("classes", conv));
    }

    private static Linear Head()
    {
        Linear fc = Linear(4, 3, hasBias: false);
        fc.weight = new Parameter(arange(1, 13, ScalarType.Float32).reshape(3, 4));
        return fc;
    }
}

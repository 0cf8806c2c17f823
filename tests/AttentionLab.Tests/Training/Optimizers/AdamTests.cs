using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;
using Adam = AttentionLab.Training.Adam;
using Parameter = TorchSharp.Modules.Parameter;

namespace AttentionLab.Tests.Training;

[Trait("Kind", "Numeric")]
public class AdamTests
{
    /// <summary>
    /// By hand: after the first step the means are (1 − β)·g and (1 − β)·g², corrected g and g², so a weight moves by
    /// rate · g / (|g| + ε): the rate itself, against the gradient's sign.
    /// </summary>
    [Fact]
    public void The_first_step_is_the_learning_rate()
    {
        using var weight = new Parameter(tensor([1f, 2f, 3f]));
        weight.grad = tensor([0.5f, -4f, 0f]);
        using RunningOptimizer adam = new Adam().Start(Plain(weight), 0.1);

        adam.Step();

        Assert.Equal([0.9f, 2.1f, 3f], weight.data<float>().ToArray(), (a, b) => Math.Abs(a - b) <= 2.1 * Tolerance.Rounding(8));
    }

    /// <summary>Sizes around the vectors' widths, so that no weight at an edge is forgotten.</summary>
    [Theory]
    [InlineData(ScalarType.Float32, Tolerance.Float32Unit)]
    [InlineData(ScalarType.Float64, 1.0 / (1L << 53))]
    public void Many_steps_are_torchs(ScalarType type, double unit)
    {
        var random = new Random(1);
        long[][] shapes =
        [
            [1],
            [7],
            [8],
            [16],
            [17],
            [5, 3, 3, 3],
            [33, 31],
        ];
        Parameter[] mine = [.. shapes.Select(shape => new Parameter(tensor(Numbers(shape)).reshape(shape).to(type)))];
        Parameter[] theirs = [.. mine.Select(p => new Parameter(p.detach().clone()))];
        using RunningOptimizer adam = new Adam().Start(Plain(mine), 0.01);
        using var reference = new TorchSharp.Modules.Adam(theirs, 0.01);

        for (int step = 0; step < 50; step++)
        {
            if (step == 30)
            {
                adam.LearningRate = 0.005;
                reference.ParamGroups.Single().LearningRate = 0.005;
            }

            for (int i = 0; i < mine.Length; i++)
            {
                Tensor gradient = tensor(Numbers(shapes[i])).reshape(shapes[i]).to(type);
                (mine[i].grad, theirs[i].grad) = (gradient, gradient.clone());
            }

            adam.Step();
            reference.step();
        }

        // Each of the 50 steps rounds a dozen times, by at most a unit of a weight; weights stay within 1.5.
        double tolerance = 50 * 12 * 1.5 * unit;
        Assert.All(
            mine.Zip(theirs),
            pair =>
                Assert.True(
                    (pair.First - pair.Second).abs().max().ToDouble() < tolerance,
                    $"{(pair.First - pair.Second).abs().max().ToDouble():g3}"
                )
        );

        double[] Numbers(long[] shape) =>
            [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (2 * random.NextDouble()) - 1)];
    }

    [Fact]
    public void A_weight_without_a_gradient_stays_and_zeroing_forgets()
    {
        using var moved = new Parameter(tensor([1f]));
        using var frozen = new Parameter(tensor([5f]), requires_grad: false);
        moved.grad = tensor([1f]);
        using RunningOptimizer adam = new Adam().Start(Plain(moved, frozen), 0.1);

        adam.Step();
        adam.ZeroGradients();
        adam.Step();

        Assert.Null(moved.grad);
        Assert.Equal(0.9f, moved.item<float>(), 4 * Tolerance.Float32Unit);
        Assert.Equal(5f, frozen.item<float>());
    }

    [Fact]
    public void A_step_leaves_no_tensors_behind()
    {
        using var weight = new Parameter(zeros(100));
        weight.grad = ones(100);
        using RunningOptimizer adam = new Adam().Start(Plain(weight), 0.1);
        adam.Step();
        long before = Live.Tensors;

        adam.Step();

        Assert.Equal(before, Live.Tensors);
    }

    /// <summary>The float32 weight moves as it does alone with the same gradients, and its copy is that weight rounded.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(100)]
    public void A_rounded_copy_goes_along(int count)
    {
        Tensor start = arange(count, ScalarType.Float32).sin();
        using var alone = new Parameter(start.clone());
        Tensor master = start.clone();
        using var rounded = new Parameter(start.to(ScalarType.BFloat16));
        using RunningOptimizer adam = new Adam().Start(Plain(alone), 0.01);
        using RunningOptimizer mixed = new Adam().Start([new Weight(master, rounded)], 0.01);

        for (int step = 0; step < 20; step++)
        {
            Tensor gradient = (arange(count, ScalarType.Float32) + step).cos().to(ScalarType.BFloat16);
            (alone.grad, rounded.grad) = (gradient.to(ScalarType.Float32), gradient);
            adam.Step();
            mixed.Step();
        }

        // Twenty steps of the same eight operations, joined differently where a processor multiplies and adds in one.
        Fixture.AssertClose(alone, master, Tolerance.Rounding(20 * 8));
        Assert.True(rounded.Equals(master.to(ScalarType.BFloat16)));
    }

    private static Weight[] Plain(params Parameter[] parameters) => [.. parameters.Select(p => new Weight(p, p))];
}

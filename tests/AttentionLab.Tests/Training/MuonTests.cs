using AttentionLab.Tests.Explain;
using AttentionLab.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

[Trait("Kind", "Numeric")]
public sealed class MuonTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    /// <summary>A step of Newton and Schulz on one singular value.</summary>
    private static double Push(double s) => (3.4445 * s) - (4.775 * Math.Pow(s, 3)) + (2.0315 * Math.Pow(s, 5));

    [Theory]
    [InlineData(2, 2)]
    [InlineData(2, 5)]
    [InlineData(5, 2)]
    public void Singular_values_move_towards_one_and_directions_stay(int rows, int columns)
    {
        // 3 and 4 on the diagonal: divided by the norm, 5, they are 0.6 and 0.8.
        Tensor matrix = zeros(rows, columns);
        matrix[0, 0] = 3;
        matrix[1, 1] = 4;
        Tensor result = RunningMuon.Orthogonalize(matrix, 3);
        Assert.Equal([rows, columns], result.shape);
        var expected = new float[rows, columns];
        expected[0, 0] = (float)Push(Push(Push(3 / 5.0)));
        expected[1, 1] = (float)Push(Push(Push(4 / 5.0)));
        float[] values = result.contiguous().data<float>().ToArray();

        // Each step multiplies an error by at most its slope, 3.4445, and rounds sums of three terms of a magnitude below 4.
        double bound = Math.Pow(3.4445, 3) * 4 * Tolerance.Rounding(3);
        Assert.All(expected.Cast<float>().Zip(values), pair => Assert.Equal(pair.First, pair.Second, bound));
    }

    [Fact]
    public void A_step_of_each_kind_of_weight_is_the_formula_s()
    {
        Conv2d convolution = nn.Conv2d(1, 4, kernel_size: 1);
        Linear linear = nn.Linear(1, 1, hasBias: false);
        nn.Module model = new Composed(x => x, ("convolution", convolution), ("linear", linear));
        using (no_grad())
        {
            convolution.weight!.fill_(2);
            convolution.bias!.fill_(1);
            linear.weight!.fill_(1);
        }

        foreach (Parameter parameter in model.parameters())
        {
            parameter.grad = full_like(parameter, 0.5);
        }

        var muon = new Muon
        {
            LinearRate = 0.005,
            BiasRate = 0.025,
            Decay = 0.001,
        };
        using RunningOptimizer optimizer = muon.Start(Weight.Of(model), 0.24, batchSize: 4);
        optimizer.LearningRate = 0.12; // half of the schedule's highest
        optimizer.Step();

        // Four rows of 2 get the length √4 = 2, so each is 1; they move by 0.12 along the direction of their gradient, (½, ½, ½, ½),
        // whose one singular value is pushed three times from 1.
        double expected = 1 - (0.12 * Push(Push(Push(1))) / 2);
        Assert.All(
            convolution.weight!.data<float>().ToArray(),
            weight => Assert.Equal(expected, weight, Math.Pow(3.4445, 3) * 4 * Tolerance.Rounding(3))
        );

        // The other rates are four pictures': 0.02 and 0.1. Slope g + (0.004 / rate) · w; after one step the momentum is the slope: the weight moves by rate / 2 · 1.85 · slope.
        Assert.Equal(1 - (0.01 * 1.85 * (0.5 + 0.2)), linear.weight!.item<float>(), Tolerance.Rounding(5));
        Assert.Equal(1 - (0.05 * 1.85 * (0.5 + 0.04)), convolution.bias![0].item<float>(), Tolerance.Rounding(5));
    }

    [Fact]
    public void The_rate_of_LinearDecay_falls_to_zero_in_a_straight_line()
    {
        var schedule = new LinearDecay();
        Assert.Equal(
            [0.8, 0.6, 0.4, 0.2],
            Enumerable.Range(0, 4).Select(step => schedule.Rate(0.8, new SchedulePoint(step, 4, 2, []))),
            (a, b) => Math.Abs(a - b) < 1e-15
        );
    }
}

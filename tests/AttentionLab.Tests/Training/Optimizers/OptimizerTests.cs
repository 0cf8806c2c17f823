using AttentionLab.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using AdamW = AttentionLab.Training.AdamW;

namespace AttentionLab.Tests.Training;

/// <summary>
/// Four steps at rate 0.1 of a 2×2 weight and of a bias, against PyTorch 1.13 (Python) with weight_decay=0 for the bias:
/// gradients [[0.5, −0.25], [k − 1, 2]] and [1, −k/2] in step k = 0 … 3.
/// </summary>
[Trait("Kind", "Numeric")]
public sealed class OptimizerTests
{
    /// <summary>Four steps of at most 15 operations on values below 4.</summary>
    private static readonly double Rounding = 4 * Tolerance.Rounding(4 * 15);

    public static TheoryData<Optimizer, float[], float[]> Torchs { get; } =
        new()
        {
            {
                new AdamW { WeightDecay = 0.2 },
                [0.5342090129852295f, -1.4565770626068115f, 2.865638256072998f, 0.0730249360203743f],
                [0.6000000238418579f, -0.7555797696113586f]
            },
            {
                new AdamW
                {
                    Beta1 = 0.8,
                    Beta2 = 0.9,
                    Epsilon = 1e-6,
                    WeightDecay = 0.2,
                },
                [0.5342098474502563f, -1.4565789699554443f, 2.8449692726135254f, 0.07302506268024445f],
                [0.6000003814697266f, -0.7481908202171326f]
            },
            {
                new Sgd { WeightDecay = 0.2 },
                [0.1969548612833023f, -1.2543152570724487f, 2.0377445220947266f, -1.9091352224349976f],
                [-0.21441002190113068f, -0.27204999327659607f]
            },
            {
                new Sgd { WeightDecay = 0.2, Nesterov = false },
                [0.38574495911598206f, -1.4296202659606934f, 2.41156268119812f, -1.3427650928497314f],
                [0.09509998559951782f, -0.5245000123977661f]
            },
        };

    [Theory]
    [MemberData(nameof(Torchs))]
    public void Steps_are_torchs(Optimizer optimizer, float[] weights, float[] biases)
    {
        foreach (ScalarType type in new[] { ScalarType.Float32, ScalarType.Float64 })
        {
            (float[] movedWeights, float[] movedBiases) = FourSteps(optimizer, type);
            Assert.Equal(weights, movedWeights, (a, b) => Math.Abs(a - b) <= Rounding);
            Assert.Equal(biases, movedBiases, (a, b) => Math.Abs(a - b) <= Rounding);
        }
    }

    /// <summary>
    /// By hand, without momentum, rate 0.1, λ 0.2, gradient 0.5: 1 · (1 − 0.02) − 0.05 = 0.93; the bias does not decay.
    /// </summary>
    [Fact]
    public void Decoupled_decay_shrinks_the_weight_itself()
    {
        using var weight = new Parameter(
            tensor(
                new float[,]
                {
                    { 1 },
                }
            )
        );
        using var bias = new Parameter(tensor([1f]));
        (weight.grad, bias.grad) = (
            tensor(
                new float[,]
                {
                    { 0.5f },
                }
            ),
            tensor([0.5f])
        );
        var sgd = new Sgd
        {
            Momentum = 0,
            WeightDecay = 0.2,
            Decoupled = true,
        };
        using RunningOptimizer running = sgd.Start([new Weight(weight, weight), new Weight(bias, bias)], 0.1);
        running.Step();
        Assert.Equal(0.93, weight.item<float>(), Tolerance.Rounding(6));
        Assert.Equal(0.95, bias.item<float>(), Tolerance.Rounding(6));
    }

    /// <summary>What takes the vectors' path, its rest, and torch's operations moves alike.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Long_weights_move_as_short_ones(bool decoupled)
    {
        var sgd = new Sgd { WeightDecay = 0.1, Decoupled = decoupled };
        using var weight = new Parameter(arange(37, ScalarType.Float32).sin().reshape(1, 37));
        using var exact = new Parameter(weight.detach().to(ScalarType.Float64));
        using RunningOptimizer mine = sgd.Start([new Weight(weight, weight)], 0.1),
            byTorch = sgd.Start([new Weight(exact, exact)], 0.1);
        for (int step = 0; step < 10; step++)
        {
            weight.grad = (arange(37, ScalarType.Float32) + step).cos().reshape(1, 37);
            exact.grad = weight.grad.to(ScalarType.Float64);
            mine.Step();
            byTorch.Step();
        }

        // Ten steps of eight operations; with momentum 0.9 an error grows tenfold, and weights stay within 10.
        Fixture.AssertClose(exact.to(ScalarType.Float32), weight, 100 * Tolerance.Rounding(80));
    }

    private static (float[] Weights, float[] Biases) FourSteps(Optimizer optimizer, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        var weight = new Parameter(
            tensor(
                    new[,]
                    {
                        { 1f, -2f },
                        { 3f, 0.5f },
                    }
                )
                .to(type)
        );
        var bias = new Parameter(tensor([1f, -1f]).to(type));
        using RunningOptimizer running = optimizer.Start([new Weight(weight, weight), new Weight(bias, bias)], 0.1);
        for (int k = 0; k < 4; k++)
        {
            weight.grad = tensor(
                    new[,]
                    {
                        { 0.5f, -0.25f },
                        { k - 1f, 2f },
                    }
                )
                .to(type);
            bias.grad = tensor([1f, -0.5f * k]).to(type);
            running.Step();
        }

        return (Floats(weight), Floats(bias));

        static float[] Floats(Tensor tensor) => tensor.detach().to(ScalarType.Float32).data<float>().ToArray();
    }
}
